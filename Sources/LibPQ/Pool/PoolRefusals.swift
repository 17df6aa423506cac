extension PoolStateMachine.Refusal {
  /// What a task is told that gets no connection.
  func error(_ options: PoolOptions) -> PostgresError {
    switch self {
    case .cannotConnect(let error): return error
    case .cancelled:
      return PostgresError(
        .cancelled, "the task was cancelled while it waited for a connection of the pool")
    case .shutDown:
      return PostgresError(.pool, "the pool is closed and gives no connections any more")
    case .queueIsFull(let status):
      return PostgresError(
        .pool,
        "the pool takes no more than \(options.maximumWaiters) waiting tasks: \(status); try again "
          + "later, start fewer tasks at once, or raise maximum or maximumWaiters"
      ).with { $0.poolStatus = status }
    case .timedOut(let status): return timedOut(status, after: options.acquireTimeout)
    }
  }

  private func timedOut(_ status: PoolStatus, after timeout: Duration) -> PostgresError {
    var message = "the pool had no connection within \(timeout.rounded): \(status)"
    if let cause = status.lastConnectError {
      message += "; the last attempt to make one failed: \(cause)"
    } else {
      message += "; borrow for shorter, raise maximum, or look for what holds them so long"
    }
    return PostgresError(.pool, message).with {
      $0.poolStatus = status
      $0.cause = status.lastConnectError
    }
  }
}
