import Foundation
import Synchronization
import TestSupport
import Testing

/// The ground that all database tests stand on.
@Suite struct TestServerTests {
  @Test func emptyDatabasesAreSeparateAndCanBeDropped() async throws {
    let one = try await TestServer.emptyDatabase()
    let two = try await TestServer.emptyDatabase()
    #expect(one.name != two.name)
    try await psql("create table only_here (n int)", in: one)
    let tables = "select count(*) from pg_tables where tablename = 'only_here'"
    #expect(try await psql(tables, in: one) == "1\n")
    #expect(try await psql(tables, in: two) == "0\n")
    await one.drop()
    await #expect(throws: TestSupportError.self) { try await psql("select 1", in: one) }
    let others = try await psql(
      "select count(*) from pg_database where datname = '\(one.name)'", in: two)
    #expect(others == "0\n")
  }

  @Test func aTemplateIsPreparedOnceForAllWhoAskAtOnce() async throws {
    let runs = Counter()
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let database = try await TestServer.database(template: "prepared once") { conninfo in
            runs.count.withLock { $0 += 1 }
            try await psql("create table t as select 42 as n", at: conninfo)
          }
          try await psql("update t set n = n + 1", in: database)
          return try await psql("select n from t", in: database)
        }
      }
      for try await answer in group { #expect(answer == "43\n") }
    }
    #expect(runs.count.withLock { $0 } == 1)
  }

  @Test func aTemplateThatCannotBePreparedSaysSoToAll() async throws {
    struct Refused: Error {}
    for _ in 0..<2 {
      await #expect(throws: Refused.self) {
        try await TestServer.database(template: "refused") { _ in throw Refused() }
      }
    }
  }

  @Test func psqlTellsWhatFailed() async throws {
    let database = try await TestServer.emptyDatabase()
    let error = await #expect(throws: TestSupportError.self) {
      try await psql("select 1; select no_such_column; select 2", in: database)
    }
    #expect(error?.description.contains("no_such_column") == true)
  }

  @Test func theBuiltCommandRuns() async throws {
    let outcome = try await BanyanProcess.run(["--help"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("banyan"))
    #expect(!outcome.timedOut)
    #expect(try await BanyanProcess.run(["--no-such-option"]).exitCode == 64)
  }

  private final class Counter: Sendable {
    let count = Mutex(0)
  }
}
