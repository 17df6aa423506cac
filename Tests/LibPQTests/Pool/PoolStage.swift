@testable import LibPQ

/// A pool's state machine with a clock that only moves when a test moves it, and notes of what the
/// machine wants done.
struct PoolStage {
  typealias ConnectionID = PoolStateMachine.ConnectionID

  var machine: PoolStateMachine
  private(set) var now = Duration.zero
  /// Connections that are to be made, checked, closed, given up or recalled, in the order of asking.
  var toConnect: [ConnectionID] = []
  var toCheck: [ConnectionID] = []
  var toClose: [ConnectionID] = []
  var givenUp: [ConnectionID] = []
  var recalled: [ConnectionID] = []
  /// Connections that a server would see: asked for, and neither failed nor closed.
  private(set) var existing: Set<ConnectionID> = []
  /// Who has which connection.
  private(set) var borrowed: [Int: ConnectionID] = [:]
  /// Tasks in the order in which they were served.
  private(set) var served: [Int] = []
  /// Tasks that got none, and why.
  private(set) var refused: [Int: PoolStateMachine.Refusal] = [:]
  private(set) var left: Int?
  /// Whether nothing has happened since the clock last rang.
  private(set) var hasJustRung = false
  private var lastTask = 0

  init(_ options: PoolOptions, seed: UInt64 = 1) {
    machine = PoolStateMachine(options, seed: seed)
    note(machine.started(at: now))
  }

  private mutating func note(_ actions: [PoolStateMachine.Action]) {
    hasJustRung = false
    for action in actions {
      switch action {
      case .connect(let id):
        toConnect.append(id)
        existing.insert(id)
      case .giveUpConnecting(let id): givenUp.append(id)
      case .check(let id): toCheck.append(id)
      case .hand(let id, let task):
        borrowed[task] = id
        served.append(task)
      case .refuse(let task, let refusal): refused[task] = refusal
      case .recall(let id): recalled.append(id)
      case .close(let id): toClose.append(id)
      case .end(let left): self.left = left
      }
    }
  }

  /// A new task asks for a connection.
  mutating func want() -> Int {
    lastTask += 1
    note(machine.wanted(by: lastTask, at: now))
    return lastTask
  }

  mutating func cancel(_ task: Int) { note(machine.cancelled(task, at: now)) }

  /// A task gives its connection back.
  mutating func giveBack(_ task: Int, isReusable: Bool = true) {
    guard let id = borrowed.removeValue(forKey: task) else { return }
    note(machine.returned(id, isReusable: isReusable, at: now))
  }

  /// All connections that are to be made are made.
  mutating func connectAll() {
    while !toConnect.isEmpty { note(machine.opened(toConnect.removeFirst(), at: now)) }
  }

  /// The connection that has been asked for longest cannot be made.
  mutating func failToConnect(_ error: PostgresError) {
    let id = toConnect.removeFirst()
    existing.remove(id)
    note(machine.failedToOpen(id, error, at: now))
  }

  mutating func connect(_ index: Int) {
    note(machine.opened(toConnect.remove(at: index), at: now))
  }

  mutating func check(_ index: Int = 0, isAlive: Bool) {
    note(machine.checked(toCheck.remove(at: index), isAlive: isAlive, at: now))
  }

  mutating func closeAll() {
    while !toClose.isEmpty {
      let id = toClose.removeFirst()
      existing.remove(id)
      note(machine.closed(id, at: now))
    }
  }

  mutating func shutDown(within limit: Duration) {
    note(machine.shutDown(limit: now + limit, at: now))
  }

  /// Moves the clock, and rings whenever the machine wants that.
  mutating func advance(by duration: Duration) {
    let end = now + duration
    var rings = 0
    while let wake = machine.nextWakeUp, wake <= end, rings < 1_000 {
      rings += 1
      now = max(now, wake)
      note(machine.timePassed(at: now))
      hasJustRung = true
    }
    if now < end { hasJustRung = false }
    now = end
  }

  var status: PoolStatus { machine.status(at: now) }

  /// The error that a task was refused with.
  func error(_ task: Int) -> PostgresError? { refused[task]?.error(machine.options) }
}

/// Errors of connecting as the server or the network makes them.
enum ConnectingErrors {
  static let unreachable = PostgresError(.connection, "cannot connect to PostgreSQL: refused")
  static let noDatabase = unreachable.with { $0.report.sqlState = .invalidCatalogName }
}
