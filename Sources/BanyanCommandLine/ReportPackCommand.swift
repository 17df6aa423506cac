import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import Synchronization

/// `banyan report pack`: many reports at once, for the bank or for each unit.
struct ReportPackCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Make a list of reports into one workbook and one page.",
    discussion: """
      The pack is a YAML file that names reports and their parameters (docs/reports.md). All reports of \
      a pack are of one moment. With --for-each it is made for every unit of a level, several at a time. \
      Files appear when they are complete and replace those of an earlier run, so a run can be repeated; \
      a lock in the folder lets one run at a time write there. If a unit fails the others are made all \
      the same, and the exit code is that of the first failure.

      EXAMPLES
        banyan report pack board.yaml month=2026-03 -o packs
        banyan report pack branch.yaml month=2026-03 -o packs --for-each branch --jobs 4
      """)

  @Argument(help: "File of the pack.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String
  @Argument(help: "Parameters of the pack, as name=value.") var parameters: [String] = []
  @Option(name: .shortAndLong, help: "Folder to write to; it is made if it is not there.")
  var output = "."
  @Option(
    help: ArgumentHelp(
      "Make it once for each unit of this level: region, branch, …", valueName: "level"))
  var forEach: String?
  @Option(help: "How many at a time (default: as many as there are processors).") var jobs: Int?
  @OptionGroup var language: LanguageOptions
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var database: DatabaseOptions

  func validate() throws {
    if let jobs, !(1...64).contains(jobs) {
      throw ValidationError("--jobs is a number from 1 to 64")
    }
  }

  func execute() async throws {
    let files = try InstalledFiles()
    let pack = try ReportPack(path: file, catalogue: catalogue.catalogue(files))
    let values = try pack.values(from: parameters.map(namedValue))
    if (forEach != nil) != pack.isAboutAUnit {
      throw BanyanError.usage(
        forEach == nil
          ? "the pack \(pack.name) asks about {unit}; say of which level with --for-each"
          : "no report of the pack \(pack.name) asks about {unit}, so it would be the same for each; put {unit} in, or leave --for-each out"
      )
    }
    try pack.check(values)
    let language = try language.chosen
    let lock = try PackLock(folder: output, pack: pack.name)
    defer { lock.release() }
    let connection = try await database.connectToPlatform(files: files)
    let (level, detail) = (
      forEach, ["parameters": parameters.joined(separator: " "), "file": output]
    )
    let units: [String?] = try await connection.withConnection { @Sendable connection in
      try AuditTrail.recordReading(
        of: "pack \(pack.name)", isExport: true, detail: detail, on: connection)
      guard let level else { return [nil] }
      return try ReportPack.units(of: level, on: connection)
    }
    await connection.close()
    if units.isEmpty, let level {
      throw BanyanError.usage(
        "there is no open unit of the level “\(level)”; `banyan org tree` shows the levels")
    }
    try await make(pack, for: units, values, language, files)
  }

  /// Makes the pack for all units, several at a time, each on a connection of its own.
  private func make(
    _ pack: ReportPack, for units: [String?], _ values: [String: String], _ language: Language,
    _ files: InstalledFiles
  ) async throws {
    let (queue, folder) = (UnitQueue(units), output)
    var connections: [Connection] = []
    for _ in 0..<min(units.count, jobs ?? ProcessInfo.processInfo.activeProcessorCount) {
      connections.append(try await database.connectToPlatform(files: files))
    }
    await withTaskGroup(of: Void.self) { group in
      for connection in connections {
        group.addTask {
          await queue.work { unit in
            let path = Self.path(folder, pack, values, unit)
            let asked = unit.map { values.merging(["unit": $0]) { _, new in new } } ?? values
            try await connection.withConnection { @Sendable connection in
              try pack.make(values: asked, language: language, path: path, on: connection)
            }
          }
          await connection.close()
        }
      }
    }
    tell("\(queue.madeCount) of \(units.count) packs in \(output)")
    let failures = queue.failures
    for (unit, error) in failures.dropFirst() { complain("\(unit ?? pack.name): \(error)") }
    if let first = failures.first { throw first.error }
  }

  /// `board-2026-03`, and `board-2026-03-B001` for a unit.
  private static func path(
    _ folder: String, _ pack: ReportPack, _ values: [String: String], _ unit: String?
  ) -> String {
    let parts = [pack.name] + pack.parameters.compactMap { values[$0] } + [unit].compactMap(\.self)
    let name = parts.joined(separator: "-").map { character in
      character.isLetter || character.isNumber || "-_.".contains(character) ? character : "-"
    }
    return URL(filePath: folder).appending(path: String(name)).path
  }
}

/// The units that are still to be made, how many are, and what went wrong with some.
private final class UnitQueue: Sendable {
  private struct State {
    var waiting: [String?]
    var madeCount = 0
    var failures: [(unit: String?, error: any Error)] = []
  }

  private let state: Mutex<State>

  init(_ units: [String?]) { state = Mutex(State(waiting: units.reversed())) }

  /// Does something for one unit after the other. What fails is noted; a connection that is lost ends
  /// the work, and others go on with what is left.
  func work(_ make: @Sendable (String?) async throws -> Void) async {
    while let unit = state.withLock({ $0.waiting.popLast() }) {
      do {
        try await make(unit)
        state.withLock { $0.madeCount += 1 }
      } catch {
        state.withLock { $0.failures.append((unit, error)) }
        if (error as? PostgresError)?.poisonsConnection == true { return }
      }
    }
  }

  var madeCount: Int { state.withLock { $0.madeCount } }
  var failures: [(unit: String?, error: any Error)] { state.withLock { $0.failures } }
}

/// The lock that lets one run of a pack at a time write to a folder. The operating system drops it when
/// its holder ends, however it ends; the empty file stays.
private struct PackLock {
  private let descriptor: Int32

  init(folder: String, pack: String) throws {
    let path = folder + "/.\(pack).lock"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw BanyanError.failure(
        "the folder “\(folder)” cannot be made: \(error.localizedDescription)")
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw BanyanError.failure(
        "the lock “\(path)” cannot be opened: \(String(cString: strerror(errno))); choose a folder that you may write to"
      )
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      throw BanyanError.failure(
        "another run of the pack \(pack) is writing to “\(folder)”; wait until it has ended")
    }
  }

  func release() { close(descriptor) }
}
