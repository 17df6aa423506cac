import LibPQ

/// Brings the schema of a database to that of the installed files.
///
/// Each file is applied in a transaction of its own together with the record that it was, so a
/// killed migration leaves whole files only. An advisory lock lets one migration run at a time.
public struct Migration: Sendable {
  /// What is to be done with a file.
  public enum State: String, Hashable, Sendable {
    /// Applied, and the text is the same.
    case applied
    /// Not yet applied.
    case pending
    /// A repeatable file whose text has changed since it was applied.
    case changed
  }

  /// A file and its state in one database.
  public struct Step: Hashable, Sendable {
    /// Path below `SQL`.
    public let name: String
    /// What is to be done.
    public let state: State
    /// When it was applied, in ISO 8601 as the server prints it; nil if it never was.
    public let appliedAt: String?
  }

  /// The key of the advisory lock: "banyan" in ASCII.
  static let lockKey: Int64 = 0x62_61_6e_79_61_6e

  private let files: [SchemaFile]

  /// A migration to the given files.
  public init(files: [SchemaFile]) { self.files = files }

  /// Makes a connection look for names where the platform puts its extensions, whatever the role, the
  /// database or PGOPTIONS says.
  public static func searchUsualSchemas(on connection: isolated Connection) throws {
    try connection.execute("set search_path to \"$user\", public")
  }

  /// The state of every file, without changing anything.
  ///
  /// - Throws: ``BanyanError`` if an applied migration was changed or stands behind one that was never
  ///   applied, or if any applied file is missing.
  public func status(on connection: isolated Connection) throws -> [Step] {
    try steps(applied: appliedFiles(on: connection))
  }

  /// Applies what is pending or changed, and returns those steps. With `dryRun` everything runs in
  /// one transaction that is rolled back.
  public func run(on connection: isolated Connection, dryRun: Bool = false) throws -> [Step] {
    try Self.searchUsualSchemas(on: connection)
    try connection.execute("select pg_advisory_lock(\(Self.lockKey))")
    defer { _ = try? connection.execute("select pg_advisory_unlock(\(Self.lockKey))") }
    let work = try status(on: connection).filter { $0.state != .applied }
    if work.isEmpty { return [] }
    if dryRun {
      try connection.execute("begin")
      defer { _ = try? connection.execute("rollback") }
      try createRegistry(on: connection)
      for step in work { try apply(step, on: connection) }
      try completeTables(on: connection)
    } else {
      try createRegistry(on: connection)
      for step in work {
        try connection.transaction { connection in try apply(step, on: connection) }
      }
      try connection.transaction { connection in try completeTables(on: connection) }
    }
    return work
  }

  /// Refuses a database whose schema is not that of the installed files.
  public func requireCurrent(on connection: isolated Connection) throws {
    let pending = try status(on: connection).filter { $0.state != .applied }
    if pending.isEmpty { return }
    throw BanyanError.failure(
      "the database lacks \(pending.count == 1 ? "a schema file" : "\(pending.count) schema files"), first \(pending[0].name); run `banyan migrate`"
    )
  }

  // MARK: - Steps

  private func steps(applied: [String: (checksum: String, appliedAt: String)]) throws -> [Step] {
    let migrations = files.filter { $0.kind == .migration }
    let known = Set(files.map(\.name))
    if let missing = applied.keys.filter({ !known.contains($0) }).min() {
      throw BanyanError.data(
        "SQL/\(missing) was applied to this database but is missing from the installation; restore the file"
      )
    }
    let firstPending = migrations.firstIndex { applied[$0.name] == nil } ?? migrations.endIndex
    if let late = migrations[firstPending...].first(where: { applied[$0.name] != nil }) {
      throw BanyanError.data(
        "SQL/\(migrations[firstPending].name) is new but comes before SQL/\(late.name), which was applied already; give it a number after that"
      )
    }
    return try files.map { file in
      guard let record = applied[file.name] else {
        return Step(name: file.name, state: .pending, appliedAt: nil)
      }
      if record.checksum == file.checksum {
        return Step(name: file.name, state: .applied, appliedAt: record.appliedAt)
      }
      guard file.kind == .repeatable else {
        throw BanyanError.data(
          "SQL/\(file.name) was changed after it had been applied on \(record.appliedAt); restore it and write a new file instead"
        )
      }
      return Step(name: file.name, state: .changed, appliedAt: record.appliedAt)
    }
  }

  private func appliedFiles(
    on connection: isolated Connection
  ) throws -> [String: (checksum: String, appliedAt: String)] {
    let exists = try connection.value(
      "select to_regclass('platform.applied_file') is not null", as: Bool.self)
    guard exists else { return [:] }
    let rows = try connection.rows(
      """
      select name, checksum, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      from platform.applied_file
      """, as: (String, String, String).self)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0, (checksum: $1, appliedAt: $2)) })
  }

  private func createRegistry(on connection: isolated Connection) throws {
    try connection.executeScript(
      unsafeSQL: """
        create schema if not exists platform;
        comment on schema platform is 'What the platform knows about its own installation';
        create table if not exists platform.applied_file (
          name       text not null,
          checksum   text not null,
          applied_at timestamptz not null default now(),
          applied_by text not null default session_user,
          constraint applied_file_pk primary key (name)
        );
        comment on table  platform.applied_file is 'Schema files that this database has';
        comment on column platform.applied_file.name is 'Path of the file below SQL';
        comment on column platform.applied_file.checksum is 'SHA-256 of its text when it was applied';
        comment on column platform.applied_file.applied_at is 'When it was last applied';
        comment on column platform.applied_file.applied_by is 'Database login that applied it';
        """)
  }

  /// A table or function that came anew is closed until the rules of access have been applied to it,
  /// and the changes of a table leave a trace once it has the triggers of the audit trail.
  private func completeTables(on connection: isolated Connection) throws {
    let hasTrail = try connection.value(
      "select to_regprocedure('bank.attach_audit(regclass)') is not null", as: Bool.self)
    if hasTrail { try connection.execute("select bank.attach_audit()") }
    let hasRules = try connection.value(
      "select to_regprocedure('bank.apply_access_rules()') is not null", as: Bool.self)
    if hasRules { try connection.execute("select bank.apply_access_rules()") }
  }

  private func apply(_ step: Step, on connection: isolated Connection) throws {
    guard let file = files.first(where: { $0.name == step.name }) else { return }
    do {
      try connection.executeScript(unsafeSQL: file.text)
    } catch {
      throw BanyanError.failure("SQL/\(file.name) cannot be applied: \(error)")
    }
    try connection.execute(
      """
      insert into platform.applied_file as f (name, checksum) values (\(file.name), \(file.checksum))
      on conflict (name) do update set
        checksum = excluded.checksum, applied_at = excluded.applied_at, applied_by = excluded.applied_by
      """)
  }
}
