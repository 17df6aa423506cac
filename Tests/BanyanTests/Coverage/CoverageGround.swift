import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// The tiny bank with nobody assigned, and short ways to ask for changes.
struct CoverageGround {
  let database: TestDatabase

  init() async throws {
    database = try await TestServer.database(template: "unassigned") { conninfo in
      var bank = TinyBank()
      bank.files["assignments.csv"] = nil
      bank.mappings["assignments.yaml"] = nil
      let folder = try bank.write()
      let migration = Migration(files: try SchemaFile.all(in: TestServer.installedFiles()))
      let folderImport = try bank.folderImport(from: folder)
      try await TestServer.withConnection(to: conninfo) { connection in
        _ = try migration.run(on: connection)
        _ = try folderImport.run(on: connection)
      }
    }
  }

  @discardableResult
  func change(
    _ verb: CoverageRequest.Verb, _ since: String, _ until: String? = nil, dryRun: Bool = false
  ) async throws -> CoverageRequest.Outcome {
    let since = try #require(CivilDate(since))
    let until = try until.map { try #require(CivilDate($0)) }
    let request = CoverageRequest(verb, since: since, until: until)
    return try await database.withConnection { connection in
      try request.run(on: connection, dryRun: dryRun)
    }
  }

  /// What refuses a change.
  func refusal(
    _ verb: CoverageRequest.Verb, _ since: String, _ until: String? = nil
  ) async throws -> String {
    do {
      try await change(verb, since, until)
      return "taken"
    } catch let error as BanyanError {
      #expect(error.kind == .data)
      return error.description
    }
  }

  /// Person, share, first day and end of what counts for a client, a line each.
  func record(_ client: String = "C1") async throws -> String {
    try await psql(
      """
      select e.number, s.role, s.share, s.effective_from, s.effective_until
      from bank.assignment as s join bank.employee as e using (employee_id)
      join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
      where s.superseded_at is null and c.number = '\(client)'
      order by s.effective_from, s.role, e.number
      """, in: database)
  }
}

/// Members from people and shares.
func team(_ members: (String, String)...) -> [CoverageRequest.Member] {
  members.compactMap { person, share in
    ExactDecimal(share).map { CoverageRequest.Member(person: person, share: $0) }
  }
}

extension CoverageRequest.Scope {
  static let one = CoverageRequest.Scope.client("C1", line: nil)
}
