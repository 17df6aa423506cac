import LibPQ

/// A table that nobody can write into for a while, so that a program which is at work on it stands
/// still at a place that the test knows, however fast or slow the machine is.
public struct TableLock: Sendable {
  private let keeper: Connection
  private let table: String

  /// Locks a table, such as `bank.account_month`; reading stays possible.
  public init(_ table: String, in database: TestDatabase) async throws {
    self.table = table
    keeper = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
    try await keeper.executeScript(unsafeSQL: "begin; lock table \(table) in share mode")
  }

  /// Waits until a session wants to write into the table.
  ///
  /// - Parameter ended: Says whether the program has ended, so that nobody will come any more.
  /// - Returns: The server's process of that session; nil if the program ended without coming here.
  public func waitingSession(unless ended: () -> Bool) async throws -> Int32? {
    while true {
      let isLast = ended()
      let waiting = try await keeper.rows(
        // What wants to write; the server itself comes to vacuum or analyze the table.
        """
        select pid from pg_locks
        where relation = \(table)::text::regclass and not granted and mode = 'RowExclusiveLock'
          and database = (select oid from pg_database where datname = current_database())
        """, as: Int32.self)
      if let process = waiting.first { return process }
      if isLast { return nil }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Lets everybody write again.
  public func release() async {
    await keeper.close()
  }
}
