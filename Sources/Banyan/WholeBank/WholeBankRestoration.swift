import Exchange
import Foundation
import LibPQ
import Quantities

/// Takes a whole bank into a database that `banyan migrate` has just made: all of it, or nothing.
public struct WholeBankRestoration: Sendable {
  /// What was restored.
  public struct Result: Sendable {
    /// The bank as it was written.
    public let bank: WholeBankExport.Result
    /// Logins that have grants and are not on this server.
    public let missingLogins: [String]
  }

  private let folder: String
  private let manifest: BankManifest

  /// Whether a path is the folder of a whole bank.
  public static func isWholeBank(_ path: String) -> Bool { BankManifest.isPresent(in: path) }

  /// Whether a path is the folder of a whole bank that lacks what says so.
  public static func isBroken(_ path: String) -> Bool {
    !isWholeBank(path)
      && ["", ".gz", ".zst"].contains {
        FileManager.default.fileExists(atPath: path + "/tables/bank.institution.csv" + $0)
      }
  }

  /// Reads what the folder says, and looks whether its files are there.
  ///
  /// - Throws: ``BanyanError`` with everything that does not agree.
  public init(folder: String) throws {
    self.folder = folder
    manifest = try BankManifest(folder: folder)
    let names = manifest.files.map(\.path)
    let present = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0 != BankManifest.name && $0 != "tables" }
    var findings = Set(names.filter { name in names.count { $0 == name } > 1 }).sorted().map {
      "“\($0)” stands in the manifest twice"
    }
    findings += names.filter { !Delivery.isRegularFile(folder + "/" + $0) || !present.contains($0) }
      .map { "“\($0)” is in the manifest and is not there, or is no file" }
    findings += present.filter { !names.contains($0) }.map {
      "“\($0)” is there and is not in the manifest"
    }
    if findings.isEmpty { return }
    throw BanyanError.data(
      "the folder “\(folder)” is not as it was written, and nothing was restored: \(findings.joined(separator: "; "))"
    )
  }

  /// Restores the bank in one transaction. Every table is read back before it ends and compared with what the
  /// manifest says of it.
  public func run(
    on connection: isolated Connection, files: InstalledFiles, isTrial: Bool = false,
    progress: @escaping ImportObserver = { _ in }
  ) throws -> Result {
    try requireOwner(on: connection, to: "is restored by")
    let schema = BankManifest.schema(of: try SchemaFile.all(in: files))
    guard schema == manifest.schema else {
      throw BanyanError.data(
        "the bank was written under the schema \(short(manifest.schema)), and this installation has \(short(schema)); restore it with the release that wrote it, then migrate"
      )
    }
    var missing: [String] = []
    do {
      try connection.transaction { connection in
        missing = try restore(on: connection, progress)
        if isTrial { throw TrialIsOver() }
      }
      // New rows change what plans cost: the planner must know before the first report.
      let tables = try BankTable.all(on: connection)
      try connection.execute("analyze \(query: BankTable.list(tables))")
    } catch is TrialIsOver {}
    return Result(
      bank: WholeBankExport.Result(
        tables: manifest.files.count, rows: manifest.rows, digest: manifest.digest,
        trail: manifest.trail),
      missingLogins: missing)
  }

  /// Thrown to undo what a trial has done.
  private struct TrialIsOver: Error {}

  private func short(_ schema: String) -> String {
    let parts = schema.split(separator: " ")
    return parts.map { $0.count == 64 ? String($0.prefix(12)) : String($0) }.joined(separator: ", ")
  }

  private func restore(
    on connection: isolated Connection, _ progress: ImportObserver
  ) throws -> [String] {
    try connection.execute("select pg_advisory_xact_lock(\(Migration.lockKey))")
    try requireUntouched(on: connection)
    try BankTable.settleText(on: connection)
    let tables = try BankTable.all(on: connection)
    let work = try assigned(to: tables)
    let rules = try SuspendedRules(on: connection)
    try rules.suspend(on: connection)
    try connection.execute("truncate \(query: BankTable.list(tables))")
    // What months are made after, such as the scope of the audit trail, stands in other tables.
    for (table, month, file) in work.filter({ $0.month == nil }) + work.filter({ $0.month != nil })
    {
      progress(.began(file: file.path, bytes: size(of: file.path)))
      if let month {
        try connection.execute(
          "select bank.open_month(\(table.parent), \("\(month.firstDay)")::date)")
      }
      try take(file, into: table, on: connection, progress)
      if let month {
        try connection.execute(
          "select bank.complete_month(\(table.parent), \("\(month.firstDay)")::date)")
      }
    }
    try connection.execute("set constraints all immediate")
    for (table, _, file) in work {
      progress(.began(file: "\(file.path), read back", bytes: 0))
      try require(table.read(on: connection, progress: progress), of: file)
    }
    try BankSequences.restart(at: manifest.sequences, on: connection)
    try rules.restore(on: connection)
    try record(on: connection)
    return try settleLogins(on: connection)
  }

  /// A database in which nothing was done leaves no trace: with the first thing, the trail begins.
  private func requireUntouched(on connection: isolated Connection) throws {
    let trail = try AuditTrail.head(on: connection)
    let bank = try connection.optionalRow("select name from bank.institution", as: String.self)
    if trail.sequenceNumber == 0, bank == nil { return }
    throw BanyanError.usage(
      "this database is in use: \(bank.map { "it holds the bank “\($0)” and " } ?? "")its audit trail has \(trail.sequenceNumber) entries; a whole bank is restored only into one that `banyan migrate` has just made"
    )
  }

  // MARK: - Files

  private typealias File = (path: String, contents: BankTable.Contents)

  /// Which table each file is for, in the order of the manifest.
  private func assigned(
    to tables: [BankTable]
  ) throws -> [(table: BankTable, month: Month?, file: File)] {
    var waiting = Dictionary(
      tables.filter { !$0.isPartitioned }.map { ($0.file, $0) }, uniquingKeysWith: { $1 })
    let work = try manifest.files.map { file in
      let compression = Compression(path: file.path)
      let plain = compression.map { String(file.path.dropLast($0.rawValue.count + 1)) } ?? file.path
      if let table = waiting.removeValue(forKey: plain) { return (table, Month?.none, file) }
      let label = plain.hasPrefix("tables/") ? plain.dropFirst(7).dropLast(4) : ""
      for table in tables {
        if let part = table.part(labelled: String(label)), part.table.file == plain {
          return (part.table, part.month, file)
        }
      }
      throw BanyanError.data(
        "“\(file.path)” is for no table of this database; nothing was restored")
    }
    if let lacking = waiting.values.map(\.label).min() {
      throw BanyanError.data("there is no file for the table \(lacking); nothing was restored")
    }
    return work
  }

  /// How many bytes a file has; 0 if they say nothing about what is left to do.
  private func size(of path: String) -> Int {
    if Compression(path: path) != nil { return 0 }
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + path)
    return attributes?[.size] as? Int ?? 0
  }

  private func take(
    _ file: File, into table: BankTable, on connection: isolated Connection,
    _ progress: ImportObserver
  ) throws {
    let source = try FileText(path: folder + "/" + file.path)
    do {
      try table.write(on: connection) { writer in
        while let piece = try source.next() {
          try Task.checkCancellation()
          try writer.write(piece)
          progress(.advanced(rows: source.lineCount, bytes: source.byteCount))
        }
        try require(source.finish(), of: file)
      }
    } catch let error as PostgresError where error.kind == .server {
      // What the server stumbled over may be damage, which says more.
      while try source.next() != nil {}
      try require(source.finish(), of: file)
      throw error
    }
  }

  private func require(_ digest: String, of file: File) throws {
    if digest == file.contents.digest { return }
    throw BanyanError.data(
      "“\(file.path)” is damaged: what it holds has the SHA-256 \(digest), and the manifest says \(file.contents.digest); nothing was restored"
    )
  }

  /// Compares what a table holds now with what the manifest says of it.
  private func require(_ contents: BankTable.Contents, of file: File) throws {
    if contents == file.contents { return }
    if contents.digest != file.contents.digest {
      throw BanyanError.failure(
        "the rows of “\(file.path)” have the SHA-256 \(contents.digest) in this database, and had \(file.contents.digest) where they come from; nothing was restored"
      )
    }
    let sums = Set(contents.sums.keys).union(file.contents.sums.keys).sorted().filter {
      contents.sums[$0] != file.contents.sums[$0]
    }
    throw BanyanError.data(
      "“\(file.path)” has \(contents.rows) rows\(sums.map { " and the sum \(contents.sums[$0].map { "\($0)" } ?? "none") of “\($0)”" }.joined()), and the manifest says otherwise; nothing was restored"
    )
  }

  // MARK: - Afterwards

  /// The first entry of the trail in its new place.
  private func record(on connection: isolated Connection) throws {
    try connection.execute(
      """
      insert into platform.audit_entry (action, object, row_count, detail)
      values ('insert', 'whole bank', \(Int64(manifest.rows)), jsonb_build_object(
        'folder', \(folder)::text, 'sha256', \(manifest.digest)::text, 'audit_head', \("\(manifest.trail)")::text))
      """)
  }

  /// Makes the logins of this server members of the groups of their grants, and returns those that are not here.
  private func settleLogins(on connection: isolated Connection) throws -> [String] {
    let logins = try connection.rows(
      """
      select g.login, exists (select 1 from pg_roles as r where r.rolname = g.login) from bank.access_grant as g
      where g.superseded_at is null group by g.login order by g.login
      """, as: (String, Bool).self)
    for (login, isPresent) in logins where isPresent {
      try connection.execute("select bank.settle_memberships(\(login))")
    }
    return logins.filter { !$0.1 }.map(\.0)
  }
}
