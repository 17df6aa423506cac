import CLibPQ

/// A deadline that the server was told of as its `statement_timeout`.
struct ServerTimeout {
  /// The deadline.
  let deadline: ContinuousClock.Instant
  /// The setting as the server shows it; nil if it was left alone, because the session has one of
  /// its own.
  let setting: String?
}

extension Session {
  /// Deadlines nearer than this are kept by this side alone, because telling the server of them costs
  /// a round trip before the first statement and one after the last.
  static let nearestServerTimeout = Duration.seconds(1)

  /// Deadlines farther than this are kept by this side alone, because the server counts no longer:
  /// nearly 25 days.
  static let farthestServerTimeout = Duration.milliseconds(Int64(Int32.max))

  /// How long after a deadline the server, if it knows it, may stop a statement by itself before it
  /// is asked to.
  static let serverTimeoutGrace = Duration.milliseconds(100)

  /// When a statement is to be stopped from here.
  var stoppingMoment: ContinuousClock.Instant? {
    guard let deadline, serverTimeout?.setting != nil else { return deadline }
    return deadline + Self.serverTimeoutGrace
  }

  /// Whether a statement fell to the deadline by the server's own clock.
  func isServerTimeout(_ failure: PostgresError) -> Bool {
    guard failure.sqlState == .queryCanceled, serverTimeout?.setting != nil, let deadline else {
      return false
    }
    return ContinuousClock.now >= deadline
  }

  /// Lets the server know of the deadline, so that it stops a statement even if this program or the
  /// network is gone by then; and takes it back after the deadline's closure has ended.
  ///
  /// With a pooler between, which hands out another session for each transaction, nothing is told:
  /// the setting would stay behind in a session of somebody else.
  @inline(__always)
  func tellServerOfDeadline() throws(PostgresError) {
    if deadline == nil, serverTimeout == nil { return }
    try updateServerTimeout()
  }

  private func updateServerTimeout() throws(PostgresError) {
    guard !isShielded, !isTellingServer, !isBusy, !statements.isOff, let connection,
      [PQTRANS_IDLE, PQTRANS_INTRANS].contains(PQtransactionStatus(connection))
    else { return }
    isTellingServer = true
    defer { isTellingServer = false }
    if let told = serverTimeout, deadline.map({ $0 > told.deadline }) ?? true {
      if let setting = told.setting { try forgetServerTimeout(setting) }
      serverTimeout = nil
    }
    guard serverTimeout == nil, let deadline else { return }
    let left = ContinuousClock.now.duration(to: deadline)
    guard (Self.nearestServerTimeout...Self.farthestServerTimeout).contains(left) else { return }
    let milliseconds = Int((left / .milliseconds(1)).rounded(.up))
    serverTimeout = ServerTimeout(deadline: deadline, setting: try setServerTimeout(milliseconds))
  }

  /// Sets the server's limit unless the session has one; returns how the server shows it.
  private func setServerTimeout(_ milliseconds: Int) throws(PostgresError) -> String? {
    var setting: String?
    let query: Query = """
      SELECT CASE pg_catalog.current_setting('statement_timeout') WHEN '0'
        THEN pg_catalog.set_config('statement_timeout', \(String(milliseconds)), false) END
      """
    try streamOnce(query, cached: false) { (result, _) throws(PostgresError) in
      setting = try decodeCell(result, 0, 0, 1, as: String?.self)
      return true
    }
    return setting
  }

  /// Removes the limit, if it is still the one that was set here.
  private func forgetServerTimeout(_ setting: String) throws(PostgresError) {
    let query: Query = """
      SELECT CASE pg_catalog.current_setting('statement_timeout') WHEN \(setting)
        THEN pg_catalog.set_config('statement_timeout', '0', false) END
      """
    // What it was told of a deadline that is over must not stop this.
    try streamOnce(query, cached: false) { (_, _) throws(PostgresError) in true }
  }
}
