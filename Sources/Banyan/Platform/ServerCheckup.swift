import LibPQ

/// Something that `banyan doctor` has looked at, and what to do about it.
public struct CheckupResult: Hashable, Sendable {
  /// How it is.
  public enum State: String, Sendable {
    /// As it should be.
    case ok
    /// It works, but something is at risk.
    case warning
    /// It does not work, or data are at risk.
    case error
  }

  /// What was looked at.
  public let subject: String
  /// How it is.
  public let state: State
  /// What was found.
  public let finding: String
  /// What to do; nil if nothing.
  public let advice: String?

  /// What was found of a subject.
  public init(_ subject: String, _ state: State, _ finding: String, advice: String? = nil) {
    self.subject = subject
    self.state = state
    self.finding = finding
    self.advice = advice
  }
}

/// Looks at a server and the database of the platform: what would lose data, give wrong answers or
/// stop work sooner or later. It changes nothing.
public enum ServerCheckup {
  /// The oldest server that the platform runs on.
  public static let oldestVersion = 150_000

  /// Everything that was looked at, in order.
  ///
  /// - Parameter now: The clock of this machine, in seconds since 1970.
  public static func results(
    migration: Migration, now: Int64, on connection: isolated Connection
  ) throws -> [CheckupResult] {
    try [
      version(on: connection), encoding(on: connection), clock(now, on: connection),
      collation(on: connection), login(on: connection),
      schema(migration, on: connection),
    ] + durability(on: connection) + upkeep(on: connection)
  }

  private static func version(on connection: isolated Connection) throws -> CheckupResult {
    let (number, text) = try connection.row(
      "select current_setting('server_version_num')::integer, current_setting('server_version')",
      as: (Int, String).self)
    return number >= oldestVersion
      ? CheckupResult("server", .ok, "PostgreSQL \(text)")
      : CheckupResult(
        "server", .error, "PostgreSQL \(text) is too old",
        advice: "move the database to PostgreSQL 15 or later")
  }

  private static func encoding(on connection: isolated Connection) throws -> CheckupResult {
    let encoding = try connection.value(
      "select current_setting('server_encoding')", as: String.self)
    return encoding == "UTF8"
      ? CheckupResult("encoding", .ok, encoding)
      : CheckupResult(
        "encoding", .error, "the database is in \(encoding), which cannot hold every name",
        advice: "make a database with encoding UTF8 and load a dump into it")
  }

  /// Days that begin at other moments here and there put entries on the wrong day.
  private static func clock(_ now: Int64, on connection: isolated Connection) throws
    -> CheckupResult
  {
    let (there, zone) = try connection.row(
      "select extract(epoch from clock_timestamp())::bigint, current_setting('timezone')",
      as: (Int64, String).self)
    let difference = there - now
    return abs(difference) <= 5
      ? CheckupResult("clocks", .ok, "together; the session's time zone is \(zone)")
      : CheckupResult(
        "clocks", abs(difference) > 60 ? .error : .warning,
        "the server's clock is \(abs(difference)) seconds \(difference > 0 ? "ahead of" : "behind") this one",
        advice: "let both machines take their time from the same source (chrony, systemd-timesyncd)"
      )
  }

  /// Indexes that were sorted by the rules of another library find less than there is.
  private static func collation(on connection: isolated Connection) throws -> CheckupResult {
    let (recorded, actual) = try connection.row(
      """
      select datcollversion, pg_database_collation_actual_version(oid)
      from pg_database where datname = current_database()
      """, as: (String?, String?).self)
    if recorded == actual {
      return CheckupResult("collation", .ok, "version \(actual ?? "of the C library")")
    }
    return CheckupResult(
      "collation", .error,
      "indexes were sorted by version \(recorded ?? "unknown"), the library has \(actual ?? "none")",
      advice: "reindex the database, then alter database … refresh collation version")
  }

  private static func login(on connection: isolated Connection) throws -> CheckupResult {
    let (login, isSuperuser) = try connection.row(
      "select session_user::text, current_setting('is_superuser') = 'on'",
      as: (String, Bool).self)
    let isInstalled = try connection.value(
      "select to_regclass('platform.applied_file') is not null", as: Bool.self)
    if isSuperuser {
      return CheckupResult("login", .ok, "\(login), a superuser: no policy limits it")
    }
    if isInstalled, try !connection.isUnderPolicies(Identifier("platform", "applied_file")) {
      return CheckupResult("login", .ok, "\(login), the owner of the schema: no policy limits it")
    }
    let roles = try connection.rows(
      """
      select r.code from bank.access_role as r where bank.holds(r.code) order by r.code
      """, as: String.self)
    return CheckupResult("login", .ok, "\(login), with the roles \(roles.joined(separator: ", "))")
  }

  private static func schema(
    _ migration: Migration, on connection: isolated Connection
  ) throws -> CheckupResult {
    do {
      let steps = try migration.status(on: connection)
      let waiting = steps.filter { $0.state != .applied }
      if waiting.isEmpty {
        return CheckupResult("schema", .ok, "all \(steps.count) files are applied")
      }
      return CheckupResult(
        "schema", .error,
        "\(waiting.count) of \(steps.count) files are not applied, first \(waiting[0].name)",
        advice: "run `banyan migrate`")
    } catch let error as BanyanError {
      return CheckupResult(
        "schema", .error, error.description, advice: "install the release that this database is of")
    }
  }

  /// Settings without which a crash loses what was committed.
  private static func durability(on connection: isolated Connection) throws -> [CheckupResult] {
    let settings = try connection.rows(
      """
      select name, setting from pg_settings
      where name in ('fsync', 'full_page_writes', 'data_checksums', 'synchronous_commit', 'autovacuum')
      order by name
      """, as: (String, String).self)
    let consequences: [String: (CheckupResult.State, String)] = [
      "fsync": (.error, "a crash can destroy the database"),
      "full_page_writes": (.error, "a crash can destroy pages"),
      "synchronous_commit": (.warning, "a crash can lose the last commits"),
      "data_checksums": (.warning, "damage of the disk goes unseen"),
      "autovacuum": (.error, "tables grow without end and statistics grow old"),
    ]
    let bad = settings.filter { $0.1 == "off" }
    if bad.isEmpty {
      return [
        CheckupResult(
          "settings", .ok, settings.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
      ]
    }
    return bad.map { name, _ in
      let (state, consequence) = consequences[name] ?? (.warning, "it is off")
      return CheckupResult(
        "settings", state, "\(name) is off: \(consequence)",
        advice: name == "data_checksums"
          ? "stop the server and run pg_checksums --enable" : "alter system set \(name) = on")
    }
  }

  /// What becomes a trouble if nobody looks.
  private static func upkeep(on connection: isolated Connection) throws -> [CheckupResult] {
    let (age, limit, used, most, longest) = try connection.row(
      """
      select (select max(age(datfrozenxid))::bigint from pg_database),
        current_setting('autovacuum_freeze_max_age')::bigint,
        (select count(*) from pg_stat_activity where backend_type = 'client backend'),
        current_setting('max_connections')::bigint,
        (select coalesce(max(extract(epoch from now() - xact_start)), 0)::bigint from pg_stat_activity
         where state like 'idle in transaction%')
      """, as: (Int64, Int64, Int64, Int64, Int64).self)
    return [
      age > 2 * limit
        ? CheckupResult(
          "vacuum", .error, "transactions are \(age) old, twice what vacuum is to allow",
          advice: "find out what holds vacuum up: pg_stat_activity, pg_replication_slots")
        : CheckupResult("vacuum", .ok, "the oldest transaction is \(age) transactions ago"),
      used * 10 > most * 9
        ? CheckupResult(
          "connections", .warning, "\(used) of \(most) are in use",
          advice: "end idle ones, or raise max_connections")
        : CheckupResult("connections", .ok, "\(used) of \(most) are in use"),
      longest > 3600
        ? CheckupResult(
          "transactions", .warning,
          "one has done nothing for \(longest) seconds and holds its locks",
          advice: "end it: pg_terminate_backend, or set idle_in_transaction_session_timeout")
        : CheckupResult("transactions", .ok, "none is left open"),
    ]
  }
}
