import Banyan
import TestSupport
import Testing

/// `docs/data-dictionary.md` is what the schema's comments say now.
@Suite struct DataDictionaryTests {
  @Test func theCommittedDictionaryIsCurrent() async throws {
    let database = try await TestServer.migratedDatabase()
    let query = try documentation("SQL/documentation/data-dictionary.sql")
    let current = try await psql(query, in: database)
    let committed = try documentation("docs/data-dictionary.md")
    #expect(
      firstDifference(committed, current) == nil,
      "docs/data-dictionary.md is not what the schema says; run `make docs` and commit it")
  }

  @Test func aChangedCommentShows() async throws {
    let database = try await TestServer.migratedDatabase()
    try await psql("comment on table bank.client is 'Pipes | in a comment'", in: database)
    try await psql("comment on column bank.client.number is 'a | b'", in: database)
    let text = try await psql(documentation("SQL/documentation/data-dictionary.sql"), in: database)
    #expect(text.contains("### bank.client\n\nPipes | in a comment.\n"))
    #expect(text.contains("| `number` | text |  | a \\| b |\n"))
    #expect(!text.contains("transaction_2"), "partitions are not listed")
  }
}
