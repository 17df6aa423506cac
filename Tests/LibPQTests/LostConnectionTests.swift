import Foundation
import LibPQ
import TestSupport
import Testing

/// A connection that is lost or stalls at any byte of a transaction: what the program is told is
/// never wrong.
@Suite(.serialized) struct LostConnectionTests {
  /// What the program was told of a transaction.
  enum Told: Hashable {
    case committed
    case notCommitted
    case inDoubt
  }

  /// What was told, and whether the row is there.
  struct Outcome: Hashable {
    let told: Told
    let isThere: Bool

    var isWrong: Bool {
      told == .committed && !isThere || told == .notCommitted && isThere
    }
  }

  /// One end of the proxy with the connection that looks directly, and a table of its own.
  private struct Stage {
    let proxy: FaultyProxy
    let observer: Connection
    let table: String
    let through: ConnectionConfiguration

    init(_ database: TestDatabase, table: String) async throws {
      proxy = try FaultyProxy(to: await TestServer.socketFolder())
      observer = try await Connection.connect(ConnectionConfiguration(conninfo: database.conninfo))
      self.table = table
      try await observer.execute("CREATE TABLE \(identifier: table) (id bigint PRIMARY KEY)")
      var configuration = ConnectionConfiguration(
        conninfo: proxy.conninfo(insteadOf: database.conninfo))
      configuration.cancelGrace = .milliseconds(150)
      through = configuration
    }

    /// Runs the transaction with a fault, and looks directly what became of it once the server's
    /// process has ended, or at once if the connection is still good.
    func outcome(
      _ fault: FaultyProxy.Fault?, after limit: Int, id: Int, deadline: Duration = .seconds(600)
    ) async throws -> Outcome {
      let connection = try await Connection.connect(through)
      let process = await connection.serverProcessID
      let table = self.table
      proxy.arm(fault, after: limit)
      let told: Told
      do {
        _ = try await connection.withDeadline(after: deadline) { connection in
          try connection.transaction { connection in
            try connection.execute("INSERT INTO \(identifier: table) VALUES (\(id))")
          }
        }
        told = .committed
      } catch let error as PostgresError {
        told = error.commitInDoubt ? .inDoubt : .notCommitted
        #expect(!error.isRetryable || !error.commitInDoubt)
        #expect(!error.description.isEmpty)
      }
      await connection.close()
      try await ended(process)
      let count = try await observer.value(
        "SELECT count(*) FROM \(identifier: table) WHERE id = \(id)", as: Int.self)
      return Outcome(told: told, isThere: count == 1)
    }

    private func ended(_ process: Int32) async throws {
      let limit = ContinuousClock.now + .seconds(600)
      while try await observer.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process)", as: Int.self) > 0
      {
        guard ContinuousClock.now < limit else {
          throw TestSupportError("The server's process \(process) has not ended.")
        }
        try await Task.sleep(for: .milliseconds(2))
      }
    }

    func close() async {
      proxy.close()
      await observer.close()
    }
  }

  /// The bytes that pass in each direction when nothing breaks.
  private func lengths(_ database: TestDatabase) async throws -> [FaultyProxy.Direction: Int] {
    let stage = try await Stage(database, table: "measured")
    let outcome = try await stage.outcome(nil, after: 0, id: 1_000_000)
    #expect(outcome == Outcome(told: .committed, isThere: true))
    let lengths = [
      FaultyProxy.Direction.toServer: stage.proxy.relayed(.toServer),
      .toClient: stage.proxy.relayed(.toClient),
    ]
    await stage.close()
    return lengths
  }

  /// Runs a transaction for each point, several at once, and says which outcomes there were.
  private func outcomes(
    in database: TestDatabase, at points: [(fault: FaultyProxy.Fault, after: Int)], workers: Int,
    round: Int = 0, deadline: Duration = .seconds(600)
  ) async throws -> [Outcome: Int] {
    let shares = (0..<workers).map { worker in
      points.enumerated().filter { $0.offset % workers == worker }
    }
    return try await withThrowingTaskGroup(of: [Outcome: Int].self) { group in
      for (worker, share) in shares.enumerated() {
        group.addTask {
          let stage = try await Stage(database, table: "broken_\(round)_\(worker)")
          var seen: [Outcome: Int] = [:]
          for (number, point) in share {
            let start = ContinuousClock.now
            let outcome = try await stage.outcome(
              point.fault, after: point.after, id: 1_000_000 + number, deadline: deadline)
            #expect(!outcome.isWrong, "\(outcome) with \(point.fault) after \(point.after) bytes")
            // Nobody waited for the end of a deadline that is as long as for ever.
            #expect(ContinuousClock.now - start < .seconds(300))
            seen[outcome, default: 0] += 1
          }
          await stage.close()
          return seen
        }
      }
      return try await group.reduce(into: [:]) { all, some in all.merge(some, uniquingKeysWith: +) }
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func aCutAtAnyByteOfATransactionIsToldTruly() async throws {
    let database = try await TestServer.emptyDatabase()
    let lengths = try await lengths(database)
    var points: [(fault: FaultyProxy.Fault, after: Int)] = []
    for direction in FaultyProxy.Direction.allCases {
      let length = try #require(lengths[direction])
      #expect(length > 60)
      // One byte more than there are: the connection then stays.
      for byte in 0...(length + 1) { points.append((.cut(direction), byte)) }
    }
    let seen = try await outcomes(in: database, at: points, workers: 4)
    // All that can be true was seen; so the cuts fell before, into and after the COMMIT.
    #expect(
      Set(seen.keys) == [
        Outcome(told: .committed, isThere: true), Outcome(told: .notCommitted, isThere: false),
        Outcome(told: .inDoubt, isThere: true), Outcome(told: .inDoubt, isThere: false),
      ])
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)))
  func aStreamThatStallsAtAByteOfATransactionIsToldTruly() async throws {
    let database = try await TestServer.emptyDatabase()
    let lengths = try await lengths(database)
    var points: [(fault: FaultyProxy.Fault, after: Int)] = []
    for direction in FaultyProxy.Direction.allCases {
      let length = try #require(lengths[direction])
      // Each of these waits for a deadline, so not every byte; towards the end, where the COMMIT
      // is, more of them.
      let bytes = stride(from: 0, through: length, by: 9)
      for byte in Set(bytes).union(max(0, length - 24)...(length + 1)) {
        points.append((.stall(direction), byte))
      }
    }
    // A deadline strikes at the stall, not before, only where it is longer than the way there: on a
    // busy machine a longer one is tried until both outcomes were seen.
    let wanted: Set = [
      Outcome(told: .inDoubt, isThere: true), Outcome(told: .notCommitted, isThere: false),
    ]
    var seen: Set<Outcome> = []
    for (round, deadline) in [Duration.milliseconds(100), .seconds(1), .seconds(10)].enumerated()
    where !seen.isSuperset(of: wanted) {
      seen.formUnion(
        try await outcomes(
          in: database, at: points, workers: 8, round: round, deadline: deadline
        ).keys)
    }
    #expect(seen.isSuperset(of: wanted), "\(seen)")
    await database.drop()
  }

  @Test(.timeLimit(.minutes(30)), arguments: FaultyProxy.Direction.allCases)
  func aServerThatHangsIsCutOff(_ direction: FaultyProxy.Direction) async throws {
    let database = try await TestServer.emptyDatabase()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    var configuration = ConnectionConfiguration(
      conninfo: proxy.conninfo(insteadOf: database.conninfo))
    configuration.cancelGrace = .milliseconds(300)
    let connection = try await Connection.connect(configuration)
    proxy.arm(.stall(direction))
    let start = ContinuousClock.now
    let error = await #expect(throws: PostgresError.self) {
      try await connection.withDeadline(after: .milliseconds(200)) { connection in
        try connection.execute("SELECT 1")
      }
    }
    #expect(ContinuousClock.now - start < .seconds(300))
    #expect(error?.kind == .connection)
    #expect(error?.poisonsConnection == true)
    #expect(await !connection.isUsable)
    await database.drop()
  }

  /// A cut while connecting, at any byte: one clear error, and no hang.
  @Test(.timeLimit(.minutes(30)))
  func aCutAtAnyByteOfConnectingIsAnErrorOfTheConnection() async throws {
    let database = try await TestServer.emptyDatabase()
    let proxy = try FaultyProxy(to: await TestServer.socketFolder())
    defer { proxy.close() }
    var configuration = ConnectionConfiguration(
      conninfo: proxy.conninfo(insteadOf: database.conninfo))
    configuration.connectTimeout = .seconds(600)
    var refused = 0
    for direction in FaultyProxy.Direction.allCases {
      for byte in stride(from: 0, through: 640, by: 8) {
        proxy.armNext(.cut(direction), after: byte)
        do {
          let connection = try await Connection.connect(configuration)
          await connection.close()
        } catch {
          #expect(error.kind == .connection, "\(error)")
          #expect(error.poisonsConnection)
          refused += 1
        }
      }
    }
    #expect(refused > 40)
    await database.drop()
  }
}
