import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import PrivateServer

/// `banyan doctor`: what is wrong with this installation and its server, and what to do.
struct DoctorCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at the installation and the server, and say what to do.",
    discussion: """
      It looks at the files of the installation, the settings, the reports, the disk, the server and \
      its version, the schema, the clocks, and settings of the server that put data at risk. It \
      changes nothing. The exit code is 1 if something is wrong, 2 if the server cannot be reached, and \
      4 with --strict if something is at risk.

      EXAMPLES
        banyan doctor
        banyan doctor --strict --format json
      """)

  @Flag(help: "End with exit code 4 if there are warnings.") var strict = false
  @OptionGroup var listing: ListingOptions
  @OptionGroup var database: DatabaseOptions

  /// Below this the disk is as good as full.
  private static let leastSpace = (error: Int64(200) << 20, warning: Int64(2) << 30)

  func execute() async throws {
    var results = local()
    var lost: (any Error)?
    do {
      results += try await server()
    } catch {
      lost = error
      results.append(
        CheckupResult(
          "server", .error, "it cannot be asked: \(error)",
          advice:
            "`banyan config show --origin` says which server is meant; `banyan server start` starts a private one"
        ))
    }
    try show(results)
    if lost != nil { throw ExitCode.databaseLost }
    if results.contains(where: { $0.state == .error }) { throw ExitCode.failure }
    if strict, results.contains(where: { $0.state == .warning }) { throw ExitCode.warnings }
  }

  /// On a screen what is to be done stands below, where it has room.
  private func show(_ results: [CheckupResult]) throws {
    let isForTheEyes = listing.format == .table
    let names = ["state", "subject", "finding"] + (isForTheEyes ? [] : ["advice"])
    try listing.print(names.map { Column($0) }) { writer in
      for result in results {
        let cells: [Cell] = [
          .text(result.state.rawValue), .text(result.subject), .text(result.finding),
          result.advice.map { .text($0) } ?? .null,
        ]
        try writer.write(Array(cells.prefix(names.count)))
      }
    }
    guard isForTheEyes else { return }
    let advised = results.filter { $0.advice != nil }
    print(advised.isEmpty ? "\nNothing is to be done." : "\nTo do")
    for result in advised { print("  \(result.subject): \(result.advice ?? "")") }
  }

  // MARK: - Here

  private func local() -> [CheckupResult] {
    [installation(), settings(), reports(), disk()].compactMap(\.self)
  }

  private func installation() -> CheckupResult {
    do {
      let files = try InstalledFiles()
      let count = try SchemaFile.all(in: files).count
      return CheckupResult("installation", .ok, "\(count) schema files in \(files.home)")
    } catch {
      return CheckupResult(
        "installation", .error, "\(error)", advice: "install Banyan again, or set BANYAN_HOME")
    }
  }

  private func settings() -> CheckupResult {
    do {
      let read = try Settings().files.filter(\.isPresent).map(\.path)
      return CheckupResult(
        "settings files", .ok, read.isEmpty ? "none" : read.joined(separator: ", "))
    } catch {
      return CheckupResult(
        "settings files", .error, "\(error)", advice: "correct or remove the file")
    }
  }

  private func reports() -> CheckupResult? {
    do {
      let catalogue = try ReportCatalogue(
        files: InstalledFiles(), ownFolder: Settings()[.reports]?.text)
      if let broken = catalogue.broken.first {
        return CheckupResult(
          "reports", .warning, broken.reason, advice: "`banyan report check` names all of them")
      }
      return CheckupResult("reports", .ok, "\(catalogue.reports.count) in the catalogue")
    } catch {
      return CheckupResult("reports", .warning, "\(error)", advice: "correct BANYAN_REPORTS")
    }
  }

  /// The disk of the private server; that of another server cannot be seen from here.
  private func disk() -> CheckupResult? {
    guard let target = try? database.target, case .privateServer(let server) = target else {
      return nil
    }
    let folder = URL(filePath: server.folder)
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else { return nil }
    let finding = "\(free >> 20) MB are free where \(server.folder) lies"
    if free < Self.leastSpace.warning {
      return CheckupResult(
        "disk", free < Self.leastSpace.error ? .error : .warning, finding,
        advice: "make room: a full disk stops the server")
    }
    return CheckupResult("disk", .ok, finding)
  }

  // MARK: - There

  private func server() async throws -> [CheckupResult] {
    let migration = Migration(files: try SchemaFile.all(in: InstalledFiles()))
    let connection = try await database.connect()
    return try await connection.withConnection { @Sendable connection in
      try ServerCheckup.results(
        migration: migration, now: Int64(Date().timeIntervalSince1970), on: connection)
    }
  }
}
