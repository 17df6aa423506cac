import Synchronization

/// Connections that many tasks share. A task borrows one for a closure; the closure runs on the
/// connection's thread, so its statements cost no hops:
///
///     let pool = ConnectionPool(configuration, PoolOptions(maximum: 4))
///     let total = try await pool.withConnection { connection in
///       try connection.execute("INSERT INTO visits (page) VALUES (\(page))")
///       return try connection.value("SELECT count(*) FROM visits", as: Int.self)
///     }
///
/// Tasks are served in the order in which they came. A connection that comes back in a transaction,
/// with an open stream or with LISTENs is cleaned; one that cannot be cleaned, or is lost, is
/// replaced. Close the pool with ``shutDown(waitingAtMost:)``.
///
/// The pool only carries out what ``PoolStateMachine`` decides.
public actor ConnectionPool {
  /// A connection on loan.
  struct Loan: Sendable {
    let id: PoolStateMachine.ConnectionID
    let connection: Connection
  }

  nonisolated let configuration: ConnectionConfiguration
  nonisolated let options: PoolOptions
  private var machine: PoolStateMachine
  private var connections: [PoolStateMachine.ConnectionID: Connection] = [:]
  private var attempts: [PoolStateMachine.ConnectionID: Task<Void, Never>] = [:]
  private var waiters: [PoolStateMachine.WaiterID: CheckedContinuation<Loan, any Error>] = [:]
  private var lastWaiter = 0
  private var endings: [CheckedContinuation<Int, Never>] = []
  private let birth = ContinuousClock.now
  /// The moment for which the alarm is set, and the task that waits for it.
  private var alarm: (moment: Duration, task: Task<Void, Never>)?

  /// A pool of connections to one server. It makes its minimum of connections at once and more as
  /// they are needed; what keeps it from connecting is told to those who ask for a connection.
  public init(_ configuration: ConnectionConfiguration, _ options: PoolOptions = PoolOptions()) {
    self.configuration = configuration
    self.options = options.consistent
    machine = PoolStateMachine(options, seed: .random(in: 0 ... .max))
    if self.options.minimum > 0 {
      Task { [weak self] in await self?.start() }
    }
  }

  deinit {
    alarm?.task.cancel()
  }

  /// What the pool holds, and what it has done so far.
  public var status: PoolStatus { machine.status(at: now) }

  /// Closes the pool. Tasks that wait for a connection are refused; those that have one may end their
  /// work within the time. What is still borrowed then is stopped on the server, and closed when it
  /// comes back.
  ///
  /// - Returns: How many connections had not come back in time.
  @discardableResult
  public func shutDown(waitingAtMost limit: Duration = .seconds(30)) async -> Int {
    await withCheckedContinuation { continuation in
      endings.append(continuation)
      perform(machine.shutDown(limit: now + limit, at: now))
    }
  }

  private var now: Duration { birth.duration(to: .now) }

  private func start() {
    perform(machine.started(at: now))
  }

  // MARK: Borrowing

  /// Waits for a connection.
  func borrow() async throws -> Loan {
    lastWaiter += 1
    let waiter = lastWaiter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        waiters[waiter] = continuation
        perform(machine.wanted(by: waiter, at: now))
        // From here on the handler of the cancellation finds the waiter; before, it may have come
        // in vain.
        if Task.isCancelled { cancel(waiter) }
      }
    } onCancel: {
      Task { await self.cancel(waiter) }
    }
  }

  /// Takes a connection back.
  func giveBack(_ loan: Loan, isReusable: Bool) {
    perform(machine.returned(loan.id, isReusable: isReusable, at: now))
  }

  private func cancel(_ waiter: PoolStateMachine.WaiterID) {
    perform(machine.cancelled(waiter, at: now))
  }

  // MARK: Doing what was decided

  private func perform(_ actions: [PoolStateMachine.Action]) {
    for action in actions {
      switch action {
      case .connect(let id): attempts[id] = Task { await connect(id) }
      case .giveUpConnecting(let id): attempts[id]?.cancel()
      case .check(let id): check(id)
      case .hand(let id, let waiter):
        guard let connection = connections[id] else { continue }
        waiters.removeValue(forKey: waiter)?.resume(returning: Loan(id: id, connection: connection))
      case .refuse(let waiter, let refusal):
        waiters.removeValue(forKey: waiter)?.resume(throwing: refusal.error(options))
      case .recall(let id): connections[id]?.recall()
      case .close(let id): close(id)
      case .end(let left):
        for ending in endings { ending.resume(returning: left) }
        endings = []
      }
    }
    setAlarm()
  }

  private func connect(_ id: PoolStateMachine.ConnectionID) async {
    let actions: [PoolStateMachine.Action]
    do throws(PostgresError) {
      let connection = try await Connection.connect(configuration)
      try await configure(connection)
      connections[id] = connection
      actions = machine.opened(id, at: now)
    } catch {
      actions = machine.failedToOpen(id, error, at: now)
    }
    attempts[id] = nil
    perform(actions)
  }

  private func configure(_ connection: Connection) async throws(PostgresError) {
    guard let configure = options.configure else { return }
    do {
      try await connection.withConnection(configure)
    } catch {
      await connection.close()
      throw refusal(of: error)
    }
  }

  private func refusal(of error: any Error) -> PostgresError {
    guard let error = error as? PostgresError else {
      return PostgresError(.pool, "a new connection could not be configured: \(error)").with {
        $0.isLastingRefusal = true
      }
    }
    return error.with { $0.isLastingRefusal = !error.poisonsConnection }
  }

  private func check(_ id: PoolStateMachine.ConnectionID) {
    guard let connection = connections[id] else { return }
    Task {
      let isAlive = await connection.givesSignOfLife(within: options.checkTimeout)
      perform(machine.checked(id, isAlive: isAlive, at: now))
    }
  }

  private func close(_ id: PoolStateMachine.ConnectionID) {
    let connection = connections.removeValue(forKey: id)
    Task {
      await connection?.close()
      perform(machine.closed(id, at: now))
    }
  }

  /// Sees to it that the state machine hears of the time when it wants to. An alarm that is set too
  /// early is left: when it rings, the next one is set.
  private func setAlarm() {
    guard let moment = machine.nextWakeUp else { return }
    if let alarm {
      if alarm.moment <= moment { return }
      alarm.task.cancel()
    }
    let instant = birth + moment
    let task = Task { [weak self] in
      // The pool is not held while this sleeps, so it can go away.
      do {
        try await Task.sleep(until: instant, tolerance: .milliseconds(1), clock: .continuous)
      } catch { return }
      await self?.ring(moment)
    }
    alarm = (moment, task)
  }

  private func ring(_ moment: Duration) {
    if alarm?.moment == moment { alarm = nil }
    perform(machine.timePassed(at: now))
  }
}
