import LibPQ
import Quantities
import Testing

/// Enums, domains and composite types of the database, known by their names.
@Suite struct NamedTypeTests {
  private enum Side: String, PostgresEncodable, PostgresDecodable, CaseIterable {
    case debit, credit
    static let postgresTypeName: Identifier? = Identifier("pg_temp", "side")
  }

  private struct AccountNumber: RawRepresentable, PostgresEncodable, PostgresDecodable, Hashable {
    var rawValue: Int64
    static let postgresTypeName: Identifier? = Identifier("pg_temp", "account_number")
  }

  private struct Address: PostgresComposite, Equatable {
    var street: String
    var number: Int32?
    var side: Side
    var account: ExactDecimal
    static let postgresTypeName: Identifier? = Identifier("pg_temp", "address")
    static let fields = CompositeFields(
      Address.init, ("street", \.street), ("number", \.number), ("side", \.side),
      ("account", \.account))
  }

  private static let addresses = [
    Address(
      street: "Long (\"street\"), 支行", number: nil, side: .debit,
      account: ExactDecimal(coefficient: 150, scale: 2)),
    Address(street: "", number: 7, side: .credit, account: ExactDecimal(-3)),
  ]

  private func connectionWithTypes() async throws -> Connection {
    let connection = try await connect()
    try await connection.executeScript(
      unsafeSQL: """
        CREATE TYPE pg_temp.side AS ENUM ('debit', 'credit');
        CREATE DOMAIN pg_temp.account_number AS bigint CHECK (value > 0);
        CREATE DOMAIN pg_temp.amount AS numeric(18, 2);
        CREATE TYPE pg_temp.address AS (
          street varchar(50), number integer, side pg_temp.side, account pg_temp.amount);
        """)
    return connection
  }

  @Test func parametersHaveTheTypesOfTheirNames() async throws {
    let connection = try await connectionWithTypes()
    try await connection.withConnection { (connection: isolated Connection) throws in
      let row = try connection.row(
        "SELECT pg_typeof(\(Side.credit))::text, \(Side.credit), pg_typeof(\(Side.allCases))::text",
        as: (String, Side, String).self)
      #expect(row.0 == "side" && row.1 == .credit && row.2 == "side[]")
      #expect(
        try connection.value("SELECT \([Side.debit, nil])", as: [Side?].self) == [.debit, nil])
      #expect(try connection.value("SELECT \(Side?.none) IS NULL", as: Bool.self))
      let number = AccountNumber(rawValue: 5)
      let domain = try connection.row(
        "SELECT pg_typeof(\(number))::text, \(number), \([number])::bigint[]",
        as: (String, AccountNumber, [AccountNumber]).self)
      #expect(domain == ("account_number", number, [number]))
      // Often enough that the statement is prepared.
      for round in 1...8 {
        let side = Side.allCases[round % 2]
        #expect(try connection.value("SELECT \(side)", as: Side.self) == side)
      }
      let refused = #expect(throws: PostgresError.self) {
        try connection.value("SELECT \(AccountNumber(rawValue: -5))", as: AccountNumber.self)
      }
      #expect(refused?.sqlState?.conditionName == "check_violation")
      // The domain was learnt with the parameter.
      let numbers = try connection.value("SELECT ARRAY[\(number)]", as: [AccountNumber].self)
      #expect(numbers == [number])
    }
  }

  @Test func domainsWithinValuesDecodeOnceTheyAreLearnt() async throws {
    let connection = try await connectionWithTypes()
    let numbers = "SELECT ARRAY[5, NULL]::pg_temp.account_number[]"
    let unknown = await #expect(throws: PostgresError.self) {
      try await connection.value(Query(unsafeSQL: numbers), as: [AccountNumber?].self)
    }
    #expect(unknown?.message.contains("call learnTypes with its name") == true)
    let home = Query(unsafeSQL: "SELECT ROW('x', 1, 'debit', 1.5)::pg_temp.address AS home")
    let field = await #expect(throws: PostgresError.self) {
      try await connection.value(home, as: Address.self)
    }
    #expect(field?.column == "home")
    #expect(field?.message.contains("has a field account of type with oid") == true)
    try await connection.learnTypes(
      Identifier("pg_temp", "account_number"), Identifier("pg_temp", "address"))
    let learnt = try await connection.value(
      Query(unsafeSQL: numbers), as: [AccountNumber?].self)
    #expect(learnt == [AccountNumber(rawValue: 5), nil])
    let address = Address(
      street: "x", number: 1, side: .debit, account: ExactDecimal(coefficient: 150, scale: 2))
    #expect(try await connection.value(home, as: Address.self) == address)
    let whatever = try await connection.value(home, as: PostgresValue.self)
    #expect(
      whatever
        == .composite([.text("x"), .integer(1), .text("debit"), .decimal(address.account)]))
    // Another connection, on a thread of its own, has learnt nothing.
    let other = try await connectionWithTypes()
    await #expect(throws: PostgresError.self) {
      try await other.value(Query(unsafeSQL: numbers), as: [AccountNumber?].self)
    }
  }

  @Test func compositesGoThereAndBack() async throws {
    let connection = try await connectionWithTypes()
    for address in Self.addresses {
      let row = try await connection.row(
        """
        SELECT pg_typeof(home)::text, row((home).street, (home).number, (home).side,
          (home).account::numeric)
        FROM (SELECT \(address) AS home) AS sent
        """,
        as: (String, Address).self)
      #expect(row.0 == "address" && row.1 == address)
    }
    let streets = try await connection.value(
      "SELECT array_agg(street ORDER BY street) FROM unnest(\(Self.addresses)) AS address",
      as: [String].self)
    #expect(streets == Self.addresses.map(\.street).sorted())
    let home = try await connection.value("SELECT \(Self.addresses[0]) AS home", as: Address.self)
    #expect(home == Self.addresses[0])
    let short = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT row('x', 1) AS home", as: Address.self)
    }
    #expect(short?.message.contains("has 2 fields where 4 are expected") == true)
    let wrong = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT row('x', true, 'y', 1.5) AS home", as: Address.self)
    }
    #expect(wrong?.message.contains("a field number of boolean") == true)
  }

  @Test func aCopyFillsColumnsOfNamedTypes() async throws {
    let connection = try await connectionWithTypes()
    try await connection.execute(
      """
      CREATE TEMP TABLE postings (side pg_temp.side, sides pg_temp.side[],
        number pg_temp.account_number, numbers pg_temp.account_number[], home pg_temp.address)
      """)
    let number = AccountNumber(rawValue: 12)
    let copied = try await connection.copyBinary(
      into: "postings", columns: ["side", "sides", "number", "numbers", "home"]
    ) { writer in
      for address in Self.addresses {
        try writer.row(address.side, Side.allCases, number, [number, number], address)
      }
    }
    #expect(copied == 2)
    let rows = try await connection.rows(
      """
      SELECT side, sides, number, numbers::text, (home).street, (home).number, (home).side,
        (home).account::text
      FROM postings
      """, as: (Side, [Side], AccountNumber, String, String, Int32?, Side, String).self)
    for (row, address) in zip(rows, Self.addresses) {
      #expect(row.0 == address.side && row.1 == Side.allCases && row.2 == number)
      #expect(row.3 == "{12,12}")
      #expect(row.4 == address.street && row.5 == address.number && row.6 == address.side)
    }
    #expect(rows.map(\.7) == ["1.50", "-3.00"])
    let wrong = await #expect(throws: PostgresError.self) {
      try await connection.copyBinary(into: "postings", columns: ["numbers"]) { writer in
        try writer.row(["x"])
      }
    }
    #expect(wrong?.column == "numbers" && wrong?.message.contains("bigint") == true)
  }

  @Test func namesAreLookedUpAgainAfterAChange() async throws {
    let connection = try await connectionWithTypes()
    #expect(try await connection.value("SELECT \(Side.debit)", as: Side.self) == .debit)
    try await connection.execute("DROP TYPE pg_temp.address")
    try await connection.execute("DROP TYPE pg_temp.side")
    let missing = await #expect(throws: PostgresError.self) {
      try await connection.value("SELECT \(Side.debit)", as: Side.self)
    }
    #expect(missing?.kind == .usage && missing?.message.contains("no type pg_temp.side") == true)
    try await connection.execute("CREATE TYPE pg_temp.side AS ENUM ('credit', 'debit')")
    #expect(try await connection.value("SELECT \(Side.debit)", as: Side.self) == .debit)
    let pipeline = try await connection.withConnection { connection in
      try connection.pipeline { try $0.value("SELECT \(Side.credit)", as: Side.self) }.get()
    }
    #expect(pipeline == .credit)
    let unknown = await #expect(throws: PostgresError.self) {
      try await connection.withConnection { connection in
        try connection.pipeline {
          try $0.execute("SELECT \(AccountNumber(rawValue: 1))")
        }.get()
      }
    }
    #expect(unknown?.message.contains("learnTypes") == true)
    try await connection.learnTypes(Identifier("pg_temp", "account_number"))
  }

  private enum Season: String, PostgresEncodable, PostgresDecodable {
    case wet, dry
    static let postgresTypeName: Identifier? = "remade_season"
  }

  private struct Stay: PostgresComposite, Equatable {
    var nights: Int32
    static let postgresTypeName: Identifier? = "remade_stay"
    static let fields = CompositeFields(Stay.init, ("nights", \.nights))
  }

  @Test func aTypeThatAnotherSessionMadeAnewIsLookedUpAgain() async throws {
    let connection = try await connect()
    let other = try await connect()
    try await other.executeScript(
      unsafeSQL: """
        DROP TYPE IF EXISTS remade_season, remade_stay;
        CREATE TYPE remade_season AS ENUM ('wet', 'dry');
        CREATE TYPE remade_stay AS (nights integer, guests integer);
        """)
    // Its attributes are other than those of the structure, until they are changed.
    #expect(try await connection.value("SELECT \(Season.wet)", as: Season.self) == .wet)
    let stay = Stay(nights: 3)
    await #expect(throws: PostgresError.self) { try await connection.execute("SELECT \(stay)") }
    try await other.executeScript(
      unsafeSQL: """
        DROP TYPE remade_season;
        CREATE TYPE remade_season AS ENUM ('dry', 'wet');
        ALTER TYPE remade_stay DROP ATTRIBUTE guests;
        """)
    for _ in 1...8 {
      #expect(try await connection.value("SELECT \(Season.dry)", as: Season.self) == .dry)
      #expect(try await connection.value("SELECT \(stay)", as: Stay.self) == stay)
    }
    // In a transaction the first use fails it, and the next transaction succeeds.
    try await other.executeScript(
      unsafeSQL: """
        DROP TYPE remade_season;
        CREATE TYPE remade_season AS ENUM ('dry', 'wet');
        """)
    await #expect(throws: PostgresError.self) {
      try await connection.transaction { try $0.value("SELECT \(Season.dry)", as: Season.self) }
    }
    let again = try await connection.transaction {
      try $0.value("SELECT \(Season.dry)", as: Season.self)
    }
    #expect(again == .dry)
    // So it is with a pipeline, which cannot look anything up by itself.
    try await other.executeScript(
      unsafeSQL: """
        DROP TYPE remade_season;
        CREATE TYPE remade_season AS ENUM ('dry', 'wet');
        """)
    let pipeline: @Sendable (isolated Connection) throws -> Season = { connection in
      try connection.pipeline { try $0.value("SELECT \(Season.dry)", as: Season.self) }.get()
    }
    await #expect(throws: PostgresError.self) { try await connection.withConnection(pipeline) }
    try await connection.learnTypes("remade_season")
    #expect(try await connection.withConnection(pipeline) == .dry)
    try await other.executeScript(unsafeSQL: "DROP TYPE remade_season, remade_stay")
  }
}
