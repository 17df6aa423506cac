import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// A month's pay of a bank that fits on a screen, worked by hand, and what a later run does.
@Suite struct PayRunTests {
  private let january = Month("2026-01")

  private func pay(
    _ month: Month?, plan: String? = nil, in database: TestDatabase
  ) async throws -> PayRun.Result {
    let month = try #require(month)
    return try await database.withConnection { connection in
      try PayRun.run(month: month, planCode: plan, on: connection)
    }
  }

  private func explain(_ person: String, in database: TestDatabase) async throws -> PayExplanation {
    let month = try #require(january)
    return try await database.withConnection { connection in
      try PayExplanation(person: person, month: month, on: connection)
    }
  }

  @Test func aMonthWorkedByHand() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let run = try await pay(january, in: database)
    #expect(run.people == 3)
    // A1: 1,000,000.00 for 15 days, 599,999.50 for 16 days = 24,599,992.00 balance days.
    // A2: 50,000.00 for 22 days = 1,100,000.00. A3: 31.01 for one day.
    // E1: 70 % of A1 = 17,219,994.40 / 31 x 10 / 10,000 = 555.4837 -> 555.48.
    let ann = try await explain("E1", in: database)
    #expect(ann.earned == ExactDecimal(coefficient: 55548, scale: 2))
    // E2: 30 % of A1 + A2 = 7,379,997.60 + 1,100,000.00 = 8,479,997.60 -> 273.5483 -> 273.55.
    let ben = try await explain("E2", in: database)
    #expect(ben.earned == ExactDecimal(coefficient: 27355, scale: 2))
    #expect(ben.lines[0].credits.map(\.account) == ["A1", "A2"])
    #expect(ben.lines[0].credits.map(\.countedFrom) == ["2026-01-01", "2026-01-10"])
    // E3: 31.01 / 31 x 10 / 10,000 = 0.001 -> 0.00.
    #expect(try await explain("E3", in: database).earned == .zero)
    #expect(run.earned == ExactDecimal(coefficient: 82903, scale: 2))
    for explanation in [ann, ben] { #expect(try explanation.check().isEmpty) }
    // Each movement names its file and line.
    let sources = ann.lines[0].credits.flatMap(\.movements).map(\.source)
    #expect(sources == ["transactions.csv:3"])
    #expect(ann.lines[0].credits[0].openingBalance == ExactDecimal(1_000_000))
  }

  @Test func aMonthWithoutMovementsIsRefused() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let error = await #expect(throws: BanyanError.self) {
      try await pay(Month("2026-11"), in: database)
    }
    #expect(
      error?.description
        == "no movement of 2026-11 is on record, the last ones are of 2026-01; import the month's files first"
    )
    #expect(try await psql("select count(*) from bank.pay_run", in: database) == "0\n")
  }

  @Test func newFactsMakeANewRunAndTheOldOneStays() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let first = try await pay(january, in: database)
    let bank = TinyBank().with(
      "transactions.csv",
      """
      number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account
      T9,A1,2026-01-31,credit,310000.00,,,,,

      """)
    let folder = try bank.write()
    let folderImport = try bank.folderImport(from: folder)
    let loaded = try await database.withConnection { connection in
      try folderImport.run(on: connection).files.map(\.loaded).reduce(0, +)
    }
    #expect(loaded == 1)

    // Until then the explanation says that facts have come in since.
    let stale = try await explain("E1", in: database)
    #expect(try !stale.check().isEmpty)
    let second = try await pay(january, in: database)
    #expect(second.isNew && second.supersedes == first.id)
    // 310,000.00 for one day more: 70 % / 31 x 10 / 10,000 = 7.00 for E1, 3.00 for E2.
    #expect(try second.earned - first.earned == ExactDecimal(10))
    let old = try await psql(
      "select sum(earned) from bank.pay_statement where pay_run_id = \(first.id)", in: database)
    #expect(old == "\(first.earned)\n")
    let counting = try await psql(
      "select pay_run_id from report.pay_run where counts", in: database)
    #expect(counting == "\(second.id)\n")
    let again = try await pay(january, in: database)
    #expect(!again.isNew && again.id == second.id)
    #expect(try await explain("E1", in: database).check().isEmpty)
  }

  @Test func anotherTextOfThePlanSupersedesToo() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let first = try await pay(january, in: database)
    let folder = try TemporaryFolder()
    let dearer = try #require(TinyBank().mappings["plans/plan.yaml"])
      .replacing("price: 10.00", with: "price: 20.00")
    try folder.write(dearer.utf8, to: "plan.yaml")
    let path = folder.path + "/plan.yaml"
    let version = try await database.withConnection { connection in
      try PlanStore.load(path: path, on: connection).plan.version
    }
    #expect(version == 2)
    let second = try await pay(january, in: database)
    #expect(second.supersedes == first.id)
    #expect(second.plan.version == 2)
    #expect(second.earned > first.earned)
  }

  @Test func aPlanInAnotherCurrencyIsRefused() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let folder = try TemporaryFolder()
    let foreign = try #require(TinyBank().mappings["plans/plan.yaml"])
      .replacing("currency: CNY", with: "currency: USD").replacing("plan: tiny", with: "plan: usd")
    try folder.write(foreign.utf8, to: "plan.yaml")
    let path = folder.path + "/plan.yaml"
    let error = await #expect(throws: BanyanError.self) {
      try await database.withConnection { connection in
        _ = try PlanStore.load(path: path, on: connection)
      }
      _ = try await pay(january, plan: "usd", in: database)
    }
    #expect(error?.kind == .data)
    #expect(
      error?.description
        == "the plan usd pays in USD, but the books of the bank are kept in CNY; write the plan in CNY"
    )
    #expect(try await psql("select count(*) from bank.pay_run", in: database) == "0\n")
    #expect(try await psql("select count(*) from bank.pay_credit", in: database) == "0\n")
  }

  @Test func twoRunsAtOnceAreOne() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let runs = try await withThrowingTaskGroup(of: PayRun.Result.self) { group in
      for _ in 0..<4 { group.addTask { try await pay(january, in: database) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(runs.count { $0.isNew } == 1)
    #expect(Set(runs.map(\.id)).count == 1)
    #expect(try await psql("select count(*) from bank.pay_run", in: database) == "1\n")
  }

  @Test func whatCannotBePaidSaysWhy() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let early = await #expect(throws: BanyanError.self) {
      try await pay(Month("2025-12"), in: database)
    }
    #expect(
      early?.description
        == "no plan is in force for all of 2025-12; load one with `banyan plan load FILE`")
    let unknown = await #expect(throws: BanyanError.self) {
      try await pay(january, plan: "tyni", in: database)
    }
    #expect(unknown?.description.contains("“tyni”") == true)
    let nobody = await #expect(throws: BanyanError.self) { try await explain("E9", in: database) }
    #expect(nobody?.description == "there is no employee “E9” on record; check the number")
    let notYet = await #expect(throws: BanyanError.self) { try await explain("E1", in: database) }
    #expect(
      notYet?.description
        == "E1 has no statement for 2026-01; run the month first with `banyan pay run 2026-01`")
  }
}
