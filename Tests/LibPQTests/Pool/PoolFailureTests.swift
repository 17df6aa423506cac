import Testing

@testable import LibPQ

/// How the pool meets servers that cannot be reached or refuse it, and how it ends.
@Suite struct PoolFailureTests {
  @Test func attemptsToConnectComeEverMoreSeldomAndOneAtATime() {
    var options = PoolOptions(maximum: 4)
    options.firstReconnectWait = .milliseconds(100)
    options.longestReconnectWait = .seconds(5)
    options.acquireTimeout = .seconds(1_000)
    var stage = PoolStage(options)
    for _ in 1...4 { _ = stage.want() }
    for _ in 1...4 { stage.failToConnect(ConnectingErrors.unreachable) }
    #expect(stage.toConnect.isEmpty)
    var attempts: [Duration] = []
    while stage.now < .seconds(60) {
      stage.advance(by: .milliseconds(10))
      if stage.toConnect.isEmpty { continue }
      #expect(stage.toConnect.count == 1)
      attempts.append(stage.now)
      stage.failToConnect(ConnectingErrors.unreachable)
    }
    #expect((12...30).contains(attempts.count))
    let gaps = zip(attempts.dropFirst(), attempts).map { $0 - $1 }
    #expect(gaps.allSatisfy { $0 <= .milliseconds(5_020) })
    #expect(gaps.suffix(4).allSatisfy { $0 >= .milliseconds(2_490) })
    // Once one can be made, all that wait get theirs.
    stage.advance(by: .seconds(6))
    stage.connectAll()
    #expect(stage.served.count == 4)
    #expect(stage.status.lastConnectError == nil)
  }

  @Test func waitingForAnUnreachableServerEndsWithItsReason() {
    var options = PoolOptions(maximum: 4)
    options.acquireTimeout = .seconds(2)
    var stage = PoolStage(options)
    let task = stage.want()
    for _ in 0..<30 {
      if !stage.toConnect.isEmpty { stage.failToConnect(ConnectingErrors.unreachable) }
      stage.advance(by: .milliseconds(100))
    }
    let error = stage.error(task)
    #expect(error?.kind == .pool)
    #expect(error?.cause?.kind == .connection)
    #expect(error?.description.contains("refused") == true)
    #expect(error?.poolStatus?.borrowed == 0)
  }

  @Test func aLastingRefusalIsToldAtOnce() {
    var stage = PoolStage(PoolOptions(maximum: 2))
    let tasks = [stage.want(), stage.want(), stage.want()]
    stage.failToConnect(ConnectingErrors.noDatabase)
    for task in tasks { #expect(stage.error(task)?.sqlState == .invalidCatalogName) }
    // Also to those who come before the next attempt, which costs no attempt.
    stage.failToConnect(ConnectingErrors.noDatabase)
    let late = stage.want()
    #expect(stage.error(late)?.sqlState == .invalidCatalogName)
    #expect(stage.toConnect.isEmpty)
    // Later the server is asked again; it may know the database by now.
    stage.advance(by: .seconds(20))
    let retry = stage.want()
    stage.connectAll()
    #expect(stage.borrowed[retry] != nil)
  }

  @Test func aLastingRefusalLeavesAloneWhoCanStillBeServed() {
    var stage = PoolStage(PoolOptions(maximum: 2))
    let first = stage.want()
    stage.connectAll()
    let second = stage.want()
    stage.failToConnect(ConnectingErrors.noDatabase)
    #expect(stage.refused[second] == nil)
    stage.giveBack(first)
    #expect(stage.borrowed[second] != nil)
  }

  @Test func shuttingDownWaitsForWhatIsBorrowed() {
    var stage = PoolStage(PoolOptions(maximum: 3))
    let (first, second, third) = (stage.want(), stage.want(), stage.want())
    stage.connect(0)
    stage.connect(0)
    stage.giveBack(second)
    #expect(stage.borrowed[third] != nil)
    let waiting = (1...3).map { _ in stage.want() }
    stage.shutDown(within: .seconds(10))
    for task in waiting { #expect(stage.error(task)?.kind == .pool) }
    #expect(stage.givenUp == [3])
    stage.failToConnect(ConnectingErrors.unreachable)
    #expect(stage.left == nil)
    let late = stage.want()
    #expect(stage.error(late)?.description.contains("closed") == true)
    stage.giveBack(first)
    stage.giveBack(third, isReusable: false)
    stage.closeAll()
    #expect(stage.left == 0)
    #expect(stage.recalled.isEmpty)
    #expect(stage.status.total == 0)
    // Shutting down again is answered at once.
    stage.shutDown(within: .seconds(10))
    #expect(stage.left == 0)
  }

  @Test func shuttingDownEndsAtItsLimit() {
    var stage = PoolStage(PoolOptions(maximum: 2))
    let first = stage.want()
    _ = stage.want()
    stage.connectAll()
    stage.shutDown(within: .seconds(10))
    // A second caller with less patience shortens the wait.
    stage.shutDown(within: .seconds(3))
    stage.advance(by: .seconds(4))
    #expect(stage.left == 2)
    #expect(stage.recalled.sorted() == [1, 2])
    stage.giveBack(first)
    #expect(stage.toClose.count == 1)
    stage.closeAll()
    #expect(stage.toConnect.isEmpty)
  }

  @Test func aConnectionThatIsMadeAfterTheEndIsClosed() {
    var stage = PoolStage(PoolOptions(minimum: 1, maximum: 1))
    stage.shutDown(within: .zero)
    stage.advance(by: .seconds(1))
    #expect(stage.left == 1)
    stage.connectAll()
    #expect(stage.toClose == [1])
  }
}
