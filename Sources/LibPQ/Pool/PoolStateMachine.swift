/// What a pool decides, without doing any of it: it is told what happened and when, and answers with
/// what is to be done. It has no clock, does no input or output, and holds no connection, only their
/// numbers; so every rule of the pool can be tested without a server and without waiting.
///
/// Times are counted from when the pool was made.
struct PoolStateMachine {
  typealias ConnectionID = Int
  typealias WaiterID = Int

  /// What is to be done.
  enum Action {
    /// Make a connection; answered by ``opened(_:at:)`` or ``failedToOpen(_:_:at:)``.
    case connect(ConnectionID)
    /// Give up making a connection; answered as ``connect(_:)`` is.
    case giveUpConnecting(ConnectionID)
    /// Ask for a sign of life; answered by ``checked(_:isAlive:at:)``.
    case check(ConnectionID)
    /// Give a connection to a task; answered by ``returned(_:isReusable:at:)``.
    case hand(ConnectionID, to: WaiterID)
    /// Tell a task that it gets no connection.
    case refuse(WaiterID, Refusal)
    /// Stop what the borrower of a connection is doing.
    case recall(ConnectionID)
    /// Close a connection; answered by ``closed(_:at:)``.
    case close(ConnectionID)
    /// Tell those who wait for the end that it has come, and how many connections did not come back.
    case end(left: Int)
  }

  /// Why a task gets no connection.
  enum Refusal {
    case timedOut(PoolStatus)
    case queueIsFull(PoolStatus)
    case shutDown
    case cancelled
    case cannotConnect(PostgresError)
  }

  private enum Phase: Equatable {
    case running
    case shuttingDown(limit: Duration)
    case ended
  }

  fileprivate enum State: Equatable {
    case connecting
    case idle(since: Duration)
    case checking
    case borrowed(since: Duration)
    case closing
  }

  private struct Slot {
    var state = State.connecting
    /// When the connection is too old.
    var end: Duration?
  }

  private struct Waiter {
    let id: WaiterID
    let since: Duration
  }

  let options: PoolOptions
  private var phase = Phase.running
  private var slots: [ConnectionID: Slot] = [:]
  /// The connections that lie ready; the one that came back last is last, and goes out first, so
  /// that those which are not needed grow old.
  private var idle: [ConnectionID] = []
  /// The tasks that wait, first come first.
  private var waiters: [Waiter] = []
  private var lastID = 0
  private var failures = 0
  private var lastFailure: PostgresError?
  /// Before this moment no attempt to connect is made.
  private var nextAttempt: Duration?
  private var counts = PoolStatus.Counts()
  private var random: SmallRandomNumberGenerator

  /// A pool without connections.
  ///
  /// - Parameter seed: Decides the random parts of ages and waits.
  init(_ options: PoolOptions, seed: UInt64) {
    self.options = options.consistent
    random = SmallRandomNumberGenerator(seed: seed)
  }

  // MARK: What tasks want

  /// The pool begins to work.
  mutating func started(at now: Duration) -> [Action] {
    balance(at: now)
  }

  /// A task wants a connection.
  mutating func wanted(by waiter: WaiterID, at now: Duration) -> [Action] {
    if phase != .running { return [refuse(waiter, .shutDown)] }
    if let lastFailure, lastFailure.isLastingRefusal, established == 0,
      let nextAttempt, now < nextAttempt
    {
      return [refuse(waiter, .cannotConnect(lastFailure))]
    }
    // Those for whom a connection is there, is coming or may be made do not count.
    let unborrowed = options.maximum - count(\.isBorrowed)
    if waiters.count - unborrowed >= options.maximumWaiters {
      return [refuse(waiter, .queueIsFull(status(at: now)))]
    }
    waiters.append(Waiter(id: waiter, since: now))
    return balance(at: now)
  }

  /// A task that waits was cancelled; nothing happens if it waits no more.
  mutating func cancelled(_ waiter: WaiterID, at now: Duration) -> [Action] {
    guard let index = waiters.firstIndex(where: { $0.id == waiter }) else { return [] }
    waiters.remove(at: index)
    counts.cancelled += 1
    return [.refuse(waiter, .cancelled)]
  }

  /// A borrowed connection came back, cleaned or not to be used again.
  mutating func returned(
    _ id: ConnectionID, isReusable: Bool, at now: Duration
  ) -> [Action] {
    guard slots[id]?.state.isBorrowed == true else { return [] }
    if !isReusable {
      counts.discarded += 1
      return [close(id)] + balance(at: now)
    }
    return nowReady(id, at: now)
  }

  /// The pool is to close: who waits is refused, what lies ready is closed, and what is borrowed may
  /// come back until the limit.
  mutating func shutDown(limit: Duration, at now: Duration) -> [Action] {
    switch phase {
    case .ended: return [.end(left: slots.count)]
    case .shuttingDown(let earlier):
      phase = .shuttingDown(limit: min(earlier, limit))
      return []
    case .running: phase = .shuttingDown(limit: limit)
    }
    var actions = refuseAll(.shutDown)
    for id in idle { actions.append(close(id)) }
    idle = []
    for (id, slot) in slots where slot.state == .connecting {
      actions.append(.giveUpConnecting(id))
    }
    return actions + endIfEmpty()
  }

  // MARK: What became of connections

  /// A connection was made.
  mutating func opened(_ id: ConnectionID, at now: Duration) -> [Action] {
    guard slots[id]?.state == .connecting else { return [] }
    counts.opened += 1
    failures = 0
    lastFailure = nil
    nextAttempt = nil
    if let lifetime = options.maximumLifetime {
      let share = 1 - options.lifetimeJitter * Double.random(in: 0...1, using: &random)
      slots[id]?.end = now + lifetime * share
    }
    return nowReady(id, at: now)
  }

  /// A connection could not be made.
  mutating func failedToOpen(
    _ id: ConnectionID, _ error: PostgresError, at now: Duration
  ) -> [Action] {
    guard slots[id]?.state == .connecting else { return [] }
    slots[id] = nil
    if phase != .running { return endIfEmpty() }
    counts.failedToOpen += 1
    failures += 1
    lastFailure = error
    let limit = min(
      options.firstReconnectWait * (1 << min(failures - 1, 16)), options.longestReconnectWait)
    nextAttempt = now + limit * Double.random(in: 0.5...1, using: &random)
    var actions: [Action] = []
    // With a connection left, waiting for it is better than giving up.
    if error.isLastingRefusal, established == 0 { actions = refuseAll(.cannotConnect(error)) }
    return actions + balance(at: now)
  }

  /// A connection gave a sign of life, or did not.
  mutating func checked(_ id: ConnectionID, isAlive: Bool, at now: Duration) -> [Action] {
    guard slots[id]?.state == .checking else { return [] }
    if isAlive { return nowReady(id, at: now) }
    counts.discarded += 1
    return [close(id)] + balance(at: now)
  }

  /// A connection is closed.
  mutating func closed(_ id: ConnectionID, at now: Duration) -> [Action] {
    guard slots[id]?.state == .closing else { return [] }
    slots[id] = nil
    return phase == .running ? balance(at: now) : endIfEmpty()
  }

  // MARK: Time

  /// Time has passed; what is due is done.
  mutating func timePassed(at now: Duration) -> [Action] {
    var actions: [Action] = []
    while let first = waiters.first, now >= first.since + options.acquireTimeout {
      let status = status(at: now)
      waiters.removeFirst()
      counts.timedOut += 1
      actions.append(.refuse(first.id, .timedOut(status)))
    }
    if case .shuttingDown(let limit) = phase, now >= limit {
      phase = .ended
      for (id, slot) in slots where slot.state.isBorrowed { actions.append(.recall(id)) }
      return actions + [.end(left: slots.count)]
    }
    return actions + balance(at: now)
  }

  /// When ``timePassed(at:)`` is to be called next; nil if nothing depends on time.
  var nextWakeUp: Duration? {
    var moments: [Duration] = []
    if let first = waiters.first { moments.append(first.since + options.acquireTimeout) }
    if case .shuttingDown(let limit) = phase { moments.append(limit) }
    if phase == .running {
      for id in idle {
        guard let slot = slots[id], case .idle(let since) = slot.state else { continue }
        if let end = slot.end { moments.append(end) }
        if let timeout = options.idleTimeout, count({ $0 != .closing }) > options.minimum {
          moments.append(since + timeout)
        }
      }
      if let nextAttempt, wantsConnection { moments.append(nextAttempt) }
    }
    return moments.min()
  }

  /// What there is and what has happened.
  func status(at now: Duration) -> PoolStatus {
    var status = PoolStatus()
    status.maximum = options.maximum
    status.waiting = waiters.count
    status.longestWait = waiters.first.map { now - $0.since }
    status.lastConnectError = lastFailure
    status.isShutDown = phase != .running
    status.counts = counts
    for slot in slots.values {
      switch slot.state {
      case .connecting: status.connecting += 1
      case .idle: status.idle += 1
      case .checking: status.checking += 1
      case .closing: status.closing += 1
      case .borrowed(let since):
        status.borrowed += 1
        status.longestBorrowing = max(status.longestBorrowing ?? .zero, now - since)
      }
    }
    return status
  }
}

// MARK: Deciding

extension PoolStateMachine {
  /// Connections that are neither being made nor being closed.
  private var established: Int { count { $0 != .connecting && $0 != .closing } }

  private func count(_ condition: (State) -> Bool) -> Int {
    slots.values.count { condition($0.state) }
  }

  /// A connection can go to the first who waits, or lie ready.
  private mutating func nowReady(_ id: ConnectionID, at now: Duration) -> [Action] {
    if phase != .running { return [close(id)] }
    slots[id]?.state = .idle(since: now)
    idle.append(id)
    return balance(at: now)
  }

  /// Brings together who waits and what is there, and makes, checks and closes connections as both
  /// demand.
  private mutating func balance(at now: Duration) -> [Action] {
    if phase != .running { return [] }
    var actions = retire(at: now)
    while let waiter = waiters.first, let id = idle.last, isFresh(id, at: now) {
      waiters.removeFirst()
      idle.removeLast()
      slots[id]?.state = .borrowed(since: now)
      counts.acquired += 1
      actions.append(.hand(id, to: waiter.id))
    }
    var coming = count { $0 == .connecting || $0 == .checking }
    while waiters.count > coming {
      if let id = idle.popLast() {
        slots[id]?.state = .checking
        actions.append(.check(id))
      } else if mayConnect(at: now) {
        actions.append(connect())
      } else {
        break
      }
      coming += 1
    }
    while slots.count < options.minimum, mayConnect(at: now) { actions.append(connect()) }
    return actions
  }

  /// Closes what has become too old, or lies there beyond the minimum for too long.
  private mutating func retire(at now: Duration) -> [Action] {
    var actions: [Action] = []
    var remaining = count { $0 != .closing }
    for id in idle {
      guard let slot = slots[id], case .idle(let since) = slot.state else { continue }
      if let end = slot.end, now >= end {
        counts.closedByAge += 1
      } else if let timeout = options.idleTimeout, now >= since + timeout,
        remaining > options.minimum
      {
        counts.closedUnused += 1
      } else {
        continue
      }
      remaining -= 1
      actions.append(close(id))
    }
    if !actions.isEmpty { idle.removeAll { slots[$0]?.state == .closing } }
    return actions
  }

  private func isFresh(_ id: ConnectionID, at now: Duration) -> Bool {
    guard case .idle(let since)? = slots[id]?.state else { return false }
    return now - since <= options.checkAfterIdle
  }

  /// Whether the next attempt to connect only waits for its time.
  private var wantsConnection: Bool {
    guard slots.count < options.maximum, count({ $0 == .connecting }) == 0 else { return false }
    return waiters.count > count { $0 == .checking } || slots.count < options.minimum
  }

  /// Whether there is room for a connection, and hope. After a failure one attempt at a time is made.
  private func mayConnect(at now: Duration) -> Bool {
    if slots.count >= options.maximum { return false }
    guard let nextAttempt else { return true }
    return now >= nextAttempt && count { $0 == .connecting } == 0
  }

  private mutating func connect() -> Action {
    lastID += 1
    slots[lastID] = Slot()
    return .connect(lastID)
  }

  private mutating func close(_ id: ConnectionID) -> Action {
    slots[id]?.state = .closing
    return .close(id)
  }

  private mutating func refuse(_ waiter: WaiterID, _ refusal: Refusal) -> Action {
    counts.refused += 1
    return .refuse(waiter, refusal)
  }

  private mutating func refuseAll(_ refusal: Refusal) -> [Action] {
    defer { waiters = [] }
    return waiters.map { refuse($0.id, refusal) }
  }

  private mutating func endIfEmpty() -> [Action] {
    guard case .shuttingDown = phase, slots.isEmpty else { return [] }
    phase = .ended
    return [.end(left: 0)]
  }
}

extension PoolStateMachine.State {
  fileprivate var isBorrowed: Bool {
    if case .borrowed = self { return true }
    return false
  }
}

/// A small generator of random numbers whose sequence follows from its seed (SplitMix64).
struct SmallRandomNumberGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
