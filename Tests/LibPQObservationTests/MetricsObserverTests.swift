import CoreMetrics
import LibPQ
import LibPQObservation
import MetricsTestKit
import Testing

@Suite struct MetricsObserverTests {
  @Test func operationsAreMeasured() async throws {
    let metrics = TestMetrics()
    let connection = try await connect(observedBy: MetricsObserver(factory: metrics))
    let connecting = try metrics.expectTimer(
      "db.client.operation.duration", [("operation", "connect"), ("outcome", "success")])
    #expect(connecting.values.count == 1)
    let queries = try metrics.expectTimer(
      "db.client.operation.duration", [("operation", "query"), ("outcome", "success")])
    let before = queries.values.count
    let rows = try metrics.expectCounter("db.client.rows", [("operation", "query")])
    rows.reset()
    _ = try await connection.rows("SELECT generate_series(1, 7)", as: Int.self)
    await #expect(throws: PostgresError.self) { try await connection.execute("SELECT 1 / 0") }
    await #expect(throws: PostgresError.self) {
      _ = try await connection.rows("SELECT generate_series(1, 7)", as: Int.self, limit: 3)
    }
    #expect(queries.values.count == before + 1)
    #expect((queries.lastValue ?? 0) > 0)
    #expect(rows.totalValue == 7)
    let failed = try metrics.expectTimer(
      "db.client.operation.duration", [("operation", "query"), ("outcome", "failure")])
    #expect(failed.values.count == 2)
    for state in ["22012", "none"] {
      let counter = try metrics.expectCounter(
        "db.client.operation.failures", [("operation", "query"), ("sqlstate", state)])
      #expect(counter.totalValue == 1)
    }
  }

  @Test func poolsAreMeasured() async throws {
    let metrics = TestMetrics()
    let observer = MetricsObserver(factory: metrics)
    let pool = try await makePool(observedBy: observer)
    try await pool.withConnection { try $0.execute("SELECT 1") }
    let acquiring = try metrics.expectTimer(
      "db.client.operation.duration", [("operation", "acquire"), ("outcome", "success")])
    #expect(acquiring.values.count == 1)
    observer.report(await pool.status, pool: "main")
    let idle = try metrics.expectMeter(
      "db.client.connection.count", [("pool", "main"), ("state", "idle")])
    #expect(idle.lastValue == 1)
    let maximum = try metrics.expectMeter("db.client.connection.max", [("pool", "main")])
    #expect(maximum.lastValue == 1)
    await pool.shutDown()
  }
}
