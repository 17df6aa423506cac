import Testing

@testable import LibPQ

/// What the pool decides, by a clock that only the test moves, and without a server.
@Suite struct PoolStateMachineTests {
  @Test func connectionsAreMadeOnDemandUpToTheMaximum() {
    var stage = PoolStage(PoolOptions(maximum: 2))
    #expect(stage.toConnect.isEmpty)
    let tasks = (1...3).map { _ in stage.want() }
    #expect(stage.toConnect.count == 2)
    stage.connectAll()
    #expect(stage.served == Array(tasks.prefix(2)))
    #expect(Set(stage.borrowed.values).count == 2)
    #expect(stage.status.waiting == 1)
    stage.giveBack(tasks[1])
    #expect(stage.served == [1, 2, 3])
    #expect(stage.status.counts.opened == 2)
    #expect(stage.status.counts.acquired == 3)
  }

  @Test func theMinimumIsMadeAtOnceAndKept() {
    var options = PoolOptions(minimum: 2, maximum: 4)
    options.maximumLifetime = nil
    options.idleTimeout = .seconds(60)
    var stage = PoolStage(options)
    #expect(stage.toConnect.count == 2)
    stage.connectAll()
    stage.advance(by: .seconds(3_600))
    #expect(stage.toClose.isEmpty)
    #expect(stage.status.idle == 2)
    // A lost one is replaced although nobody waits.
    let task = stage.want()
    stage.check(isAlive: true)
    stage.giveBack(task, isReusable: false)
    #expect(stage.toClose.count == 1)
    stage.closeAll()
    #expect(stage.toConnect.count == 1)
  }

  @Test func limitsThatContradictEachOtherAreMadeToFit() {
    let none = PoolOptions(minimum: 9, maximum: 0).consistent
    #expect(none.minimum == 1 && none.maximum == 1)
    var odd = PoolOptions(minimum: -3, maximum: 5)
    odd.lifetimeJitter = 7
    odd.maximumWaiters = -1
    let fitting = odd.consistent
    #expect(fitting.minimum == 0 && fitting.lifetimeJitter == 1 && fitting.maximumWaiters == 0)
  }

  @Test func whoComesFirstIsServedFirst() {
    var stage = PoolStage(PoolOptions(maximum: 1))
    let first = stage.want()
    stage.connectAll()
    let others = (1...5).map { _ in stage.want() }
    stage.cancel(others[1])
    #expect(stage.error(others[1])?.kind == .cancelled)
    var holder = first
    for next in [others[0], others[2], others[3], others[4]] {
      stage.giveBack(holder)
      #expect(stage.served.last == next)
      holder = next
    }
    // A cancellation that comes too late changes nothing.
    stage.cancel(holder)
    #expect(stage.borrowed[holder] != nil)
    #expect(stage.refused[holder] == nil)
    #expect(stage.status.counts.cancelled == 1)
  }

  @Test func anIdleConnectionIsCheckedOnlyAfterAWhile() {
    var stage = PoolStage(PoolOptions(maximum: 1))
    let first = stage.want()
    stage.connectAll()
    stage.giveBack(first)
    stage.advance(by: .milliseconds(1_000))
    let second = stage.want()
    #expect(stage.borrowed[second] != nil)
    stage.giveBack(second)
    stage.advance(by: .milliseconds(1_001))
    let third = stage.want()
    #expect(stage.borrowed[third] == nil)
    #expect(stage.toCheck.count == 1)
    stage.check(isAlive: true)
    #expect(stage.borrowed[third] != nil)
    stage.giveBack(third)
    // Without a sign of life it is replaced, and the task gets the new one.
    stage.advance(by: .seconds(5))
    let fourth = stage.want()
    stage.check(isAlive: false)
    #expect(stage.status.counts.discarded == 1)
    stage.closeAll()
    stage.connectAll()
    #expect(stage.borrowed[fourth] == 2)
  }

  @Test func aConnectionThatComesBackServesWhoeverWaitsWhileAnotherIsChecked() {
    var stage = PoolStage(PoolOptions(maximum: 2))
    let (first, second) = (stage.want(), stage.want())
    stage.connectAll()
    stage.giveBack(first)
    stage.advance(by: .seconds(3))
    let third = stage.want()
    #expect(stage.toCheck.count == 1)
    stage.giveBack(second)
    #expect(stage.served == [first, second, third])
    stage.check(isAlive: true)
    #expect(stage.status.idle == 1)
  }

  @Test func oldConnectionsEndAndNotAllTogether() {
    var options = PoolOptions(minimum: 4, maximum: 4)
    options.maximumLifetime = .seconds(1_000)
    options.lifetimeJitter = 0.2
    var stage = PoolStage(options, seed: 42)
    stage.connectAll()
    stage.advance(by: .seconds(799))
    #expect(stage.toClose.isEmpty)
    var moments: [Duration] = []
    for _ in 0..<201 {
      stage.advance(by: .seconds(1))
      for _ in stage.toClose { moments.append(stage.now) }
      stage.closeAll()
      stage.toConnect = []
    }
    #expect(moments.count == 4)
    #expect(Set(moments).count > 1)
    #expect(stage.status.counts.closedByAge == 4)
  }

  @Test func aBorrowedConnectionIsNotTooOldUntilItComesBack() {
    var options = PoolOptions(maximum: 1)
    options.maximumLifetime = .seconds(10)
    options.lifetimeJitter = 0
    var stage = PoolStage(options)
    let first = stage.want()
    stage.connectAll()
    stage.advance(by: .seconds(20))
    let second = stage.want()
    #expect(stage.toClose.isEmpty)
    stage.giveBack(first)
    #expect(stage.toClose == [1])
    #expect(stage.borrowed[second] == nil)
    // Not above the maximum: the new one is made when the old one is gone.
    #expect(stage.toConnect.isEmpty)
    stage.closeAll()
    stage.connectAll()
    #expect(stage.borrowed[second] == 2)
  }

  @Test func unusedConnectionsAreClosedDownToTheMinimum() {
    var options = PoolOptions(minimum: 1, maximum: 3)
    options.idleTimeout = .seconds(60)
    options.maximumLifetime = nil
    var stage = PoolStage(options)
    let tasks = (1...3).map { _ in stage.want() }
    stage.connectAll()
    for task in tasks {
      stage.giveBack(task)
      stage.advance(by: .seconds(1))
    }
    stage.advance(by: .seconds(57))
    #expect(stage.toClose == [1])
    stage.advance(by: .seconds(120))
    #expect(stage.toClose == [1, 2])
    stage.closeAll()
    #expect(stage.status.idle == 1)
    #expect(stage.status.counts.closedUnused == 2)
    #expect(stage.toConnect.isEmpty)
  }

  @Test func moreThanTheLimitMayNotWait() {
    var options = PoolOptions(maximum: 2)
    options.maximumWaiters = 2
    var stage = PoolStage(options)
    // The first two wait for connections that are being made, not for borrowed ones.
    let tasks = (1...5).map { _ in stage.want() }
    #expect(stage.refused[tasks[3]] == nil)
    #expect(stage.error(tasks[4])?.kind == .pool)
    #expect(stage.error(tasks[4])?.poolStatus?.waiting == 4)
    stage.connectAll()
    let last = stage.want()
    #expect(stage.error(last)?.description.contains("no more than 2 waiting") == true)
  }

  @Test func waitingEndsWithWhatThePoolHolds() {
    var options = PoolOptions(maximum: 1)
    options.acquireTimeout = .seconds(5)
    var stage = PoolStage(options)
    let first = stage.want()
    stage.connectAll()
    stage.advance(by: .seconds(2))
    let second = stage.want()
    stage.advance(by: .seconds(1))
    let third = stage.want()
    stage.advance(by: .seconds(4))
    #expect(stage.borrowed[first] != nil)
    let error = stage.error(second)
    #expect(error?.kind == .pool)
    #expect(error?.cause == nil)
    #expect(error?.poolStatus?.borrowed == 1)
    #expect(error?.poolStatus?.longestBorrowing == .seconds(7))
    #expect(error?.description.contains("within 5000 ms: 1 of 1 connections borrowed") == true)
    #expect(stage.refused[third] == nil)
    stage.advance(by: .seconds(1))
    #expect(stage.refused[third] != nil)
    #expect(stage.status.counts.timedOut == 2)
  }
}
