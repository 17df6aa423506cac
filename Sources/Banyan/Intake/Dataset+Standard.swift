extension Dataset {
  /// The datasets that every bank sends, in the order in which they are taken in: each refers only
  /// to those before it.
  public static let standard: [Dataset] = [
    orgUnits, orgChanges, products, metrics, employees, tierLadder, tiers, posts, specialities,
    qualifications,
    relationships, reviewMeasures, selectionResults, clients, prospects, clientSegments,
    clientIdentities, keyPersons, groupMembers, clientMerges, accounts, holders, clientAssignments,
    assignments, coverageChanges, loans, cards, standingOrders, repaymentSchedules, repayments,
    territories, dutyLimits, leaves,
    contactCadences, contacts, claims, claimChanges, collisionDecisions, transfers, transferAnswers,
    departures, departureItems, handovers, handoverItems, handoverSignatures, departureSteps,
    dealRoles, exchangeRates, payEntries, transactions, balances, facts, sales, fees,
  ]

  /// The standard dataset of a name.
  public static func named(_ name: String) -> Dataset? {
    standard.first { $0.name == name }
  }

  static let orgUnits = Dataset(
    name: "org_units", singular: "org unit", table: "org_unit",
    columns: [
      DatasetColumn("code", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200)),
      DatasetColumn(
        "level",
        .choice(
          of: orgLevels, type: "bank.org_level")),
      DatasetColumn("parent_code", .parentUnit, required: false),
      DatasetColumn("opened_on", .date),
    ],
    key: ["code"], placement: "bank.place_incoming_org_units")

  static let employees = Dataset(
    name: "employees", singular: "employee", table: "employee",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200), required: false),
      DatasetColumn("branch_code", .branch),
      DatasetColumn("joined_on", .date),
    ],
    key: ["number"])

  static let tiers = Dataset(
    name: "tiers", singular: "tier of an employee", table: "employee_tier",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("tier", .tier),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["employee_id", "effective_from"], isSuperseded: true,
    comparison: "bank.end_incoming_tiers")

  static let clients = Dataset(
    name: "clients", singular: "client", table: "client",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200), required: false),
      DatasetColumn("kind", .choice(of: ["person", "company"], type: "bank.client_kind")),
      DatasetColumn("branch_code", .branch),
    ],
    key: ["number"])

  static let accounts = Dataset(
    name: "accounts", singular: "account", table: "account",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("branch_code", .branch),
      DatasetColumn("kind", .choice(of: ["demand", "time", "call"], type: "bank.account_kind")),
      DatasetColumn("currency", .currency),
      DatasetColumn("opened_on", .date),
      DatasetColumn("statement_frequency", .text(limit: 40), required: false),
    ],
    key: ["number"])

  static let holders = Dataset(
    name: "holders", singular: "account holder", table: "account_holder",
    columns: [
      DatasetColumn("number", .text(limit: 40), required: false),
      DatasetColumn("account_number", .account),
      DatasetColumn("client_number", .client),
      DatasetColumn("role", .choice(of: ["owner", "joint"], type: "bank.holder_role")),
    ],
    key: ["branch_id", "account_id", "client_branch_id", "client_id"])

  static let clientSegments = Dataset(
    name: "client_segments", singular: "segment of a client", table: "client_segment",
    columns: [
      DatasetColumn("client_number", .ownClient),
      DatasetColumn(
        "axis", .choice(of: ["industry", "size", "risk", "status"], type: "bank.segment_axis")),
      DatasetColumn("segment", .text(limit: 40)),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["branch_id", "client_id", "axis", "effective_from"], isSuperseded: true)

  static let clientIdentities = Dataset(
    name: "client_identities", singular: "identity number", table: "client_identity",
    columns: [
      DatasetColumn("client_number", .ownClient),
      DatasetColumn("kind", .text(limit: 40)),
      DatasetColumn("number", .text(limit: 100)),
    ],
    key: ["branch_id", "client_id", "kind"], placement: "bank.place_incoming_identities",
    isConfidential: true)

  static let keyPersons = Dataset(
    name: "key_persons", singular: "key person", table: "key_person",
    columns: [
      DatasetColumn("client_number", .ownClient),
      DatasetColumn("name", .text(limit: 200)),
      DatasetColumn("position", .text(limit: 100)),
      DatasetColumn("relationship_strength", .count),
    ],
    key: ["branch_id", "client_id", "name"], placement: "bank.place_incoming_key_persons",
    isCompared: false, isSuperseded: true)

  static let loans = Dataset(
    name: "loans", singular: "loan", table: "loan",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("account_number", .account),
      DatasetColumn("granted_on", .date),
      DatasetColumn("amount", .positiveAmount),
      DatasetColumn("term_months", .count),
      DatasetColumn("monthly_payment", .amount),
      DatasetColumn(
        "status",
        .choice(of: ["finished", "unpaid", "running", "overdue"], type: "bank.loan_status")),
    ],
    key: ["number"])

  static let cards = Dataset(
    name: "cards", singular: "card", table: "card",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("holding_number", .holding),
      DatasetColumn("kind", .text(limit: 40)),
      DatasetColumn("issued_on", .date),
    ],
    key: ["number"])

  static let standingOrders = Dataset(
    name: "standing_orders", singular: "standing order", table: "standing_order",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("account_number", .account),
      DatasetColumn("counterparty_bank", .text(limit: 40), required: false),
      DatasetColumn("counterparty_account", .text(limit: 40), required: false),
      DatasetColumn("amount", .amount),
      DatasetColumn("purpose", .text(limit: 40), required: false),
    ],
    key: ["number"])

  static let transactions = Dataset(
    name: "transactions", singular: "transaction", table: "transaction",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("account_number", .account),
      DatasetColumn("booked_on", .date),
      DatasetColumn("direction", .choice(of: ["credit", "debit"], type: "bank.direction")),
      DatasetColumn("amount", .amount),
      DatasetColumn("operation", .text(limit: 40), required: false),
      DatasetColumn("purpose", .text(limit: 40), required: false),
      DatasetColumn("reported_balance", .balance, required: false),
      DatasetColumn("counterparty_bank", .text(limit: 40), required: false),
      DatasetColumn("counterparty_account", .text(limit: 40), required: false),
    ],
    key: ["branch_id", "number"], completion: "bank.roll_up_incoming_transactions",
    searchDay: "booked_on", monthDay: "booked_on",
    filing: MonthlyFiling(
      day: "booked_on", bound: "number",
      rollUp: MonthlyFiling.RollUp(
        account: "account_id", direction: "direction", amount: "amount")))
}
