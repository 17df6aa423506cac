import ArgumentParser
import Banyan
import Foundation
import Quantities

/// `banyan manual`: the manual pages.
struct ManualCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write the manual pages of all commands into a folder.",
    discussion: """
      One page for each command, such as banyan-report-run.1, made of what --help says. `make install` puts them \
      where `man banyan` finds them. The day on the pages is today's, or that of SOURCE_DATE_EPOCH, so that a \
      package can be built again to the byte.

      EXAMPLES
        banyan manual man1 && man -l man1/banyan-import.1
      """)

  @Argument(help: "Folder to write to; it is made if it is not there.") var folder: String

  func execute() async throws {
    let root = try CommandDescription(of: BanyanCommand.self)
    let day = try Self.day()
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for command in root.all {
        let page = ManualPage(of: command, below: root, day: day)
        try page.text.write(
          toFile: folder + "/" + page.fileName, atomically: true, encoding: .utf8)
      }
    } catch {
      throw BanyanError.failure(
        "the manual pages cannot be written to “\(folder)”; name a folder that you may write to")
    }
    tell("\(root.all.count) pages in \(folder)")
  }

  private static func day() throws -> String {
    let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"] ?? ""
    let seconds = epoch.isEmpty ? Int(Date().timeIntervalSince1970) : Int(epoch)
    let first = CivilDate(year: 1970, month: 1, day: 1)
    guard let seconds, let day = first?.adding(days: seconds / 86_400) else {
      throw BanyanError.usage(
        "SOURCE_DATE_EPOCH is “\(epoch)”, which is no number of seconds since 1970; correct or unset it"
      )
    }
    return day.description
  }
}
