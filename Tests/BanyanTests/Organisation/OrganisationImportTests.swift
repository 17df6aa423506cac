import Banyan
import LibPQ
import TestSupport
import Testing

/// Organisation by import file: changes, posts, qualifications and the rest.
@Suite struct OrganisationImportTests {
  private static let files = [
    "org_changes": """
    kind,effective_on,code,former_name,name,level,parent_code,other_code,known_since,reason
    open,2000-01-01,R2,,South,region,HQ,,,
    move,2021-01-01,B2,,,,R2,,,regions drawn anew
    rename,2022-01-01,,First branch,Old town,,,,,
    split,2023-01-01,B1,,Harbour,,,B3,,
    rename,2022-06-01,B9,,Nobody,,,,,
    rename,2022-06-01,,Was there before,Found,branch,R1,,2015-01-01,
    close,2026-01-01,B1,,,,,,,

    """,
    "posts": """
    employee_number,unit_code,kind,is_main,line_manager,team_code,team_name,effective_from,effective_until
    E1,B1,relationship_manager,,,T1,Team one,2020-01-01,
    E1,B2,relationship_manager,,,,,2022-01-01,
    E2,HQ,hr_officer,yes,,,,2020-01-01,
    E3,B2,risk_officer,,E2,,,2020-01-01,2024-01-01
    E3,B9,teller,,,,,2024-01-01,

    """,
    "specialities": """
    employee_number,speciality,effective_from,effective_until
    E1,manufacturing,2020-01-01,

    """,
    "qualifications": """
    employee_number,qualification,obtained_on,expires_on,certificate_number
    E1,credit_licence,2020-01-01,2023-01-01,CL-1
    E1,credit_licence,2023-01-01,,CL-2

    """,
    "relationships": """
    employee_number,client_number,other_employee,relation,effective_from,effective_until
    E1,C1,,spouse,2020-01-01,
    E1,,E2,sibling,2020-01-01,

    """,
    "tier_ladder": """
    tier,title,rank,effective_from,effective_until,client_bands,powers,ticket_limit,client_capacity,coefficient,base_pay
    senior,,,2025-01-01,,wealth; private,,500000.00,80,1.35,8000.00
    senior,,,2026-01-01,,wealth,,500000.00,90,1.4,8000.00
    chief,Chief RM,9,2025-01-01,,,,,,,

    """,
    "review_measures": """
    employee_number,measure,period_from,period_until,value
    E1,visits,2026-01-01,2026-04-01,40

    """,
    "selection_results": """
    round_code,title,kind,unit_code,seats,published_on,employee_number,place,total
    OLD-1,Round of 2019,relationship_manager,B1,2,2019-12-01,E1,1,88.5
    OLD-1,Round of 2019,relationship_manager,B1,2,2019-12-01,E2,2,70

    """,
  ]

  private func bank(_ change: (inout [String: String]) -> Void = { _ in }) -> TinyBank {
    var files = Self.files
    change(&files)
    var bank = TinyBank()
    for (name, text) in files {
      bank = bank.with(name + ".csv", text)
      let header = text.split(separator: "\n")[0].split(separator: ",")
      bank.mappings[name + ".yaml"] =
        "dataset: \(name)\nfile: \(name).csv\ncolumns:\n"
        + header.map { "  \($0): \($0)\n" }.joined()
    }
    return bank
  }

  private func load(
    _ bank: TinyBank, into database: TestDatabase
  ) async throws -> [String: BatchResult] {
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let result = try await database.withConnection { connection in
      try folderImport.run(on: connection)
    }
    return Dictionary(
      result.files.map { ($0.dataset, $0) }, uniquingKeysWith: { first, _ in first })
  }

  @Test func everyDatasetIsTakenInOnce() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let results = try await load(bank(), into: database)
    let counts = { (name: String) in
      results[name].map { "\($0.read) \($0.loaded) \($0.rejected) \($0.unchanged) \($0.outcome)" }
    }
    #expect(counts("org_changes") == "7 5 2 0 loaded")
    #expect(counts("posts") == "5 4 1 0 loaded")
    #expect(counts("tier_ladder") == "3 3 0 0 loaded")
    for name in ["specialities", "review_measures"] { #expect(counts(name) == "1 1 0 0 loaded") }
    for name in ["qualifications", "relationships", "selection_results"] {
      #expect(counts(name) == "2 2 0 0 loaded", "\(name)")
    }
    let reasons = try await psql(
      "select line_number, code, reason from bank.rejected_row where code like 'IMP-04%' order by 2 desc, 1",
      in: database)
    #expect(
      reasons
        == """
        6|IMP-0403|there is no unit “B9” on record; correct the code, or open the unit first
        8|IMP-0403|unit B1 cannot close on 2026-01-01: 2 accounts are kept there; name the successor where they go on
        6|IMP-0401|the org unit “B9” is not on record; send it first, or correct the code

        """)
    #expect(
      try await psql(
        "select code, name from bank.org_tree('2026-06-01') order by code collate \"C\"",
        in: database)
          == """
          B1|Old town
          B2|Second branch
          B3|Harbour
          HQ|Tiny head office
          R1|North
          R2|South
          Was there before|Found

          """)
    #expect(
      try await psql(
        "select employee_number, unit_code, kind, origin, effective_from, effective_until from report.post where superseded_at is null order by 1, 5",
        in: database)
          == """
          E1|B1|relationship_manager|migration|2020-01-01|2022-01-01
          E1|B2|relationship_manager|migration|2022-01-01|
          E2|HQ|hr_officer|migration|2020-01-01|
          E3|B2|risk_officer|migration|2020-01-01|2024-01-01

          """)
    #expect(
      try await psql(
        "select tier, effective_from, effective_until, client_capacity from bank.tier_terms where superseded_at is null order by 1, 2",
        in: database)
        == "chief|2025-01-01||\nsenior|2025-01-01|2026-01-01|80\nsenior|2026-01-01||90\n")
    #expect(try await database.unaccountedRows() == "")
    // The same rows in other bytes are known.
    let more = bank { files in
      for name in files.keys { files[name]? += "\n" }
    }
    for (name, result) in try await load(more, into: database) where Self.files[name] != nil {
      #expect(result.loaded == 0, "\(name): \(result)")
    }
    #expect(try await database.unaccountedRows() == "")
  }

  @Test func aFileThatARuleRefusesIsToldInOneSentence() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let cases = [
      (
        "qualifications",
        "E2,credit_licence,2022-01-01,2024-01-01,\nE2,credit_licence,2023-01-01,,\n",
        "the database refused the file, so nothing of it is loaded: a qualification holds once a day: employee E2, qualification credit_licence, from 2023-01-01 on conflicts with employee E2, qualification credit_licence, from 2022-01-01 until 2024-01-01, which is on record; let the new one begin when the one on record expires"
      ),
      (
        "posts", "E2,B1,teller,no,E2,,,2021-01-01,\n",
        "the database refused the file, so nothing of it is loaded: nobody reports to themselves; name another line manager"
      ),
      (
        "posts", "E2,B1,teller,no,,,,1980-01-01,\n",
        "the database refused the file, so nothing of it is loaded: E2 cannot be teller at B1 from 1980-01-01 to further notice, because the unit is not open all that time: it is open from 1991-01-01 on; correct the dates, or choose another unit"
      ),
      (
        "tiers", "E2,senior,2021-01-01,2020-06-01\n",
        "the database refused the file, so nothing of it is loaded: a tier ends after it begins; correct the dates"
      ),
    ]
    for (name, lines, reason) in cases {
      let changed =
        name == "tiers" ? TinyBank().adding(lines, to: "tiers.csv") : bank { $0[name]? += lines }
      let copy = try await TestServer.tinyBankDatabase()
      let result = try await load(changed, into: copy)[name]
      #expect(result?.outcome == .failed(reason), "\(name)")
    }
    _ = database
  }
}
