import InMemoryTracing
import LibPQ
import LibPQObservation
import Testing
import Tracing

@Suite struct TracingObserverTests {
  @Test func queriesAreSpansInTheirTransactionAndTask() async throws {
    let tracer = InMemoryTracer()
    let connection = try await connect(observedBy: TracingObserver(tracer: tracer))
    tracer.clearAll()
    _ = try await tracer.withSpan("request") { _ in
      try await connection.transaction { connection in
        try connection.execute(Query("SELECT \("secret")::text").labelled("look"))
      }
    }
    let spans = tracer.finishedSpans
    let request = try #require(spans.first { $0.operationName == "request" })
    let transaction = try #require(spans.first { $0.operationName == "transaction" })
    let look = try #require(spans.first { $0.operationName == "look" })
    #expect(transaction.parentSpanID == request.spanID)
    #expect(look.parentSpanID == transaction.spanID)
    #expect(look.kind == .client)
    #expect(look.attributes["db.query.text"]?.toSpanAttribute() == "SELECT $1::text")
    #expect(look.attributes["db.response.returned_rows"]?.toSpanAttribute() == .int64(1))
    #expect(look.attributes["db.system.name"]?.toSpanAttribute() == "postgresql")
    #expect(look.status == nil)
    // BEGIN and COMMIT are part of the transaction, too.
    #expect(spans.filter { $0.parentSpanID == transaction.spanID }.count == 3)
    #expect(tracer.activeSpans.isEmpty)
  }

  @Test func aFailureIsToldWithItsCodeAndWithoutValues() async throws {
    let tracer = InMemoryTracer()
    let connection = try await connect(observedBy: TracingObserver(tracer: tracer))
    tracer.clearAll()
    await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT \("secret")::integer", as: Int.self)
    }
    let span = try #require(tracer.finishedSpans.first)
    #expect(span.attributes["db.response.status_code"]?.toSpanAttribute() == "22P02")
    #expect(span.status?.code == .error)
    #expect(span.status?.message?.contains("invalid input syntax") == true)
    #expect(span.status?.message?.contains("secret") == false)
    #expect(span.events.map(\.name) == ["exception"])
  }
}
