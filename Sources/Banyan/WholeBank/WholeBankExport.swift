import Exchange
import Foundation
import LibPQ

/// Writes all tables of a bank into a folder, as they are at one moment, so that another server can go on with
/// it: history, decisions, runs of pay and the audit trail too.
public struct WholeBankExport: Sendable {
  /// What was written, or restored.
  public struct Result: Sendable {
    /// How many tables, a month of transactions counting as one.
    public let tables: Int
    /// How many rows.
    public let rows: Int
    /// SHA-256 over all that the tables hold but the audit trail: equal banks have equal ones.
    public let digest: String
    /// Where the audit trail ended when the bank was written.
    public let trail: AuditTrail.Head
  }

  private let folder: String
  private let compression: Compression?
  private var unfinished: String { folder + ".partial" }

  /// An export into a folder that is not there yet, or is empty.
  public init(folder: String, compression: Compression? = nil) throws {
    let url = URL(filePath: folder).standardizedFileURL
    self.folder = url.path
    self.compression = compression
    guard FileManager.default.fileExists(atPath: folder) else { return }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw BanyanError.usage(
        "“\(folder)” is no folder that can be read; name one that is not there yet")
    }
    if !names.isEmpty {
      throw BanyanError.usage(
        "“\(folder)” is there already and not empty; name a folder that is not there yet")
    }
  }

  /// Records the export in the audit trail, writes the folder, which appears when it is complete, and records
  /// what was written.
  public func run(
    on connection: isolated Connection, files: InstalledFiles,
    progress: @escaping ImportObserver = { _ in }
  ) throws -> Result {
    try requireOwner(on: connection, to: "leaves by")
    let subject = "whole bank"
    try AuditTrail.recordReading(
      of: subject, isExport: true, detail: ["folder": folder], on: connection)
    try makeUnfinished()
    let manifest: BankManifest
    do {
      manifest = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
        connection in
        try write(
          schema: BankManifest.schema(of: SchemaFile.all(in: files)), on: connection, progress)
      }
      try publish()
    } catch {
      try? FileManager.default.removeItem(atPath: unfinished)
      throw error
    }
    try AuditTrail.recordReading(
      of: subject, isExport: true, rowCount: manifest.rows,
      detail: ["folder": folder, "sha256": manifest.digest], on: connection)
    return Result(
      tables: manifest.files.count, rows: manifest.rows, digest: manifest.digest,
      trail: manifest.trail)
  }

  private func write(
    schema: String, on connection: isolated Connection, _ progress: ImportObserver
  ) throws -> BankManifest {
    try BankTable.settleText(on: connection)
    guard
      let bank = try connection.optionalRow("select name from bank.institution", as: String.self)
    else {
      throw BanyanError.data("there is no bank in this database; import one first")
    }
    var written: [(path: String, contents: BankTable.Contents)] = []
    for table in try BankTable.all(on: connection) where !table.isPartitioned {
      let path = table.file + (compression.map { ".\($0.rawValue)" } ?? "")
      progress(.began(file: path, bytes: 0))
      let sink = try OutputSink(path: unfinished + "/" + path, compression: compression)
      let contents = try table.read(on: connection, progress: progress) { try sink.write($0) }
      try sink.close()
      written.append((path, contents))
    }
    let manifest = BankManifest(
      bank: bank, schema: schema, trail: try AuditTrail.head(on: connection),
      sequences: try BankSequences.next(on: connection), files: written)
    let sink = try OutputSink(path: unfinished + "/" + BankManifest.name)
    try sink.write(manifest.text)
    try sink.close()
    return manifest
  }

  // MARK: - The folder

  /// Makes the folder that the files are written into, in place of one that a broken export has left. Nobody
  /// else may look into it: with the bank go the keys by which its identity numbers are sealed.
  private func makeUnfinished() throws {
    let left = (try? FileManager.default.contentsOfDirectory(atPath: unfinished)) ?? []
    if left.contains(where: { $0 != "tables" && !$0.hasPrefix(BankManifest.name) }) {
      throw BanyanError.usage(
        "“\(unfinished)”, where the files are to be written first, holds something else; move it away"
      )
    }
    do {
      if FileManager.default.fileExists(atPath: unfinished) {
        try FileManager.default.removeItem(atPath: unfinished)
      }
      try FileManager.default.createDirectory(
        atPath: unfinished, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try FileManager.default.createDirectory(
        atPath: unfinished + "/tables", withIntermediateDirectories: false)
    } catch {
      throw BanyanError.failure(
        "the folder “\(unfinished)” cannot be made; check the permissions and the room there")
    }
  }

  private func publish() throws {
    // Only an empty folder goes away by this.
    rmdir(folder)
    if rename(unfinished, folder) != 0 {
      throw BanyanError.failure(
        "the folder “\(folder)” cannot be made: \(String(cString: strerror(errno)))")
    }
  }
}

/// Refuses a login that would see a part of the bank only, or could not write all of it.
func requireOwner(on connection: isolated Connection, to verb: String) throws {
  guard try connection.isUnderPolicies(Identifier("platform", "audit_entry")) else { return }
  let login = try connection.value("select session_user::text", as: String.self)
  throw BanyanError.refusal(
    "a whole bank \(verb) the owner of its schema alone, and the login “\(login)” is not; log in as the owner"
  )
}

/// What the sequences of a bank give next.
enum BankSequences {
  /// By their names with their schemas.
  static func next(on connection: isolated Connection) throws -> [String: Int64] {
    let names = try connection.rows(
      """
      select s.schemaname::text, s.sequencename::text, s.increment_by from pg_sequences as s
      where s.schemaname in ('bank', 'platform')
      """, as: (String, String, Int64).self)
    var next: [String: Int64] = [:]
    for (schema, name, increment) in names {
      let (last, isCalled) = try connection.row(
        "select last_value, is_called from \(identifier: schema, name)", as: (Int64, Bool).self)
      next["\(schema).\(name)"] = isCalled ? last + increment : last
    }
    return next
  }

  /// Lets them go on where others stood, unless the transaction is rolled back.
  static func restart(at next: [String: Int64], on connection: isolated Connection) throws {
    let known = try self.next(on: connection)
    if let unknown = Set(next.keys).symmetricDifference(known.keys).min() {
      throw BanyanError.data(
        "\(BankManifest.name) and this database do not have the same sequences: \(unknown) is in one of them"
      )
    }
    for (name, value) in next where known[name] != value {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      // The number stands in the statement, which takes no parameters.
      try connection.execute(
        "alter sequence \(identifier: parts[0], parts[1]) restart with \(query: Query(unsafeSQL: String(value)))"
      )
    }
  }
}
