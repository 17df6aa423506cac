import Testing

@testable import LibPQ

/// Thousands of random histories of a pool; what must always hold is looked at after each event.
@Suite struct PoolModelTests {
  @Test(.timeLimit(.minutes(5)), arguments: 0..<8)
  func whateverHappensTheRulesHold(_ share: Int) {
    for number in 0..<300 {
      let seed = UInt64(share * 1_000 + number)
      var history = History(seed: seed)
      for step in 0..<100 {
        history.happen()
        if let problem = history.problem {
          Issue.record("history \(seed), step \(step): \(problem)")
          return
        }
      }
      history.end()
      if let problem = history.problem ?? history.leftOver {
        Issue.record("history \(seed), at its end: \(problem)")
        return
      }
    }
  }

  /// One random history.
  private struct History {
    private var random: SmallRandomNumberGenerator
    private var stage: PoolStage
    private var tasks: [Int] = []
    private var isShutDown = false

    init(seed: UInt64) {
      random = SmallRandomNumberGenerator(seed: seed)
      let maximum = Int.random(in: 1...5, using: &random)
      var options = PoolOptions(
        minimum: Int.random(in: 0...maximum, using: &random), maximum: maximum)
      options.maximumWaiters = Int.random(in: 0...6, using: &random)
      options.acquireTimeout = .seconds(5)
      options.maximumLifetime = Bool.random(using: &random) ? .seconds(20) : nil
      options.idleTimeout = Bool.random(using: &random) ? .seconds(8) : nil
      stage = PoolStage(options, seed: seed)
    }

    mutating func happen() {
      switch Int.random(in: 0..<100, using: &random) {
      case ..<30: tasks.append(stage.want())
      case ..<35: if let task = tasks.randomElement(using: &random) { stage.cancel(task) }
      case ..<55:
        if let task = stage.borrowed.keys.sorted().randomElement(using: &random) {
          stage.giveBack(task, isReusable: Int.random(in: 0..<8, using: &random) > 0)
        }
      case ..<70: answerConnecting()
      case ..<78:
        if let index = stage.toCheck.indices.randomElement(using: &random) {
          stage.check(index, isAlive: Int.random(in: 0..<4, using: &random) > 0)
        }
      case ..<86: stage.closeAll()
      case 99:
        isShutDown = true
        stage.shutDown(within: .seconds(3))
      default: stage.advance(by: .milliseconds(Int64.random(in: 0...3_000, using: &random)))
      }
    }

    private mutating func answerConnecting() {
      guard let index = stage.toConnect.indices.randomElement(using: &random) else { return }
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1:
        stage.failToConnect(
          Bool.random(using: &random)
            ? ConnectingErrors.unreachable : ConnectingErrors.noDatabase)
      default: stage.connect(index)
      }
    }

    /// Everything is answered in the best way, until nothing is left to do.
    mutating func end() {
      for _ in 0..<200 {
        stage.connectAll()
        while !stage.toCheck.isEmpty { stage.check(isAlive: true) }
        for task in stage.borrowed.keys.sorted() { stage.giveBack(task) }
        stage.closeAll()
        stage.advance(by: .milliseconds(100))
      }
    }

    /// What should have ended by now and has not.
    var leftOver: String? {
      let status = stage.status
      if status.waiting > 0 || status.borrowed > 0 { return "at the end: \(status)" }
      return isShutDown && stage.left == nil ? "the pool has not ended" : nil
    }

    /// What is wrong, if anything is.
    var problem: String? {
      let status = stage.status
      let borrowed = stage.borrowed
      let existing = stage.existing.count
      if existing > status.maximum { return "there are \(existing) connections" }
      if status.total != existing { return "\(status.total) counted, not \(existing)" }
      if Set(borrowed.values).count != borrowed.count { return "two tasks have one connection" }
      let unusable = stage.toConnect + stage.toCheck + stage.toClose
      if !Set(unusable).isDisjoint(with: borrowed.values) { return "a borrowed one is not ready" }
      if Set(unusable).count != unusable.count { return "a connection is to be two things" }
      if stage.served != stage.served.sorted() { return "somebody was overtaken" }
      let known = Set(stage.served).union(stage.refused.keys)
      if known.count != stage.served.count + stage.refused.count { return "one was told twice" }
      if tasks.count != known.count + status.waiting { return "a task was lost" }
      if status.waiting > status.connecting + status.checking, status.idle > 0 {
        return "a task waits beside an idle connection"
      }
      if status.waiting > 0, isShutDown { return "a task waits for a closed pool" }
      if let wake = stage.machine.nextWakeUp, stage.hasJustRung, wake <= stage.now {
        return "the clock would ring without end"
      }
      return nil
    }
  }
}
