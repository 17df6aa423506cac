extension Dataset {
  static let territories = Dataset(
    name: "territories", singular: "territory", table: "territory",
    columns: [
      DatasetColumn("code", .text(limit: 40)),
      DatasetColumn("employee_number", .employee),
      DatasetColumn("unit_code", .unit, required: false),
      DatasetColumn("industry", .text(limit: 40), required: false),
      DatasetColumn("size", .text(limit: 40), required: false),
      DatasetColumn("listed", .text(limit: 200), required: false),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["code", "org_unit_id", "industry", "size", "listed", "effective_from"],
    placement: "bank.place_incoming_territories", isSuperseded: true)

  static let dutyLimits = Dataset(
    name: "duty_limits", singular: "limit of a kind of post", table: "duty_limit",
    columns: [
      DatasetColumn("kind", .postKind),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
      DatasetColumn("rotation_years", .number, required: false),
      DatasetColumn("leave_days", .count, required: false),
      DatasetColumn("leave_every_months", .count, required: false),
    ],
    key: ["kind", "effective_from"])

  static let leaves = Dataset(
    name: "leaves", singular: "leave of an employee", table: "employee_leave",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("first_day", .date),
      DatasetColumn("last_day", .date),
      DatasetColumn("kind", .choice(of: ["annual", "mandatory", "sick", "other"], type: "text")),
      DatasetColumn("deputy", .colleague("deputy_id"), required: false),
    ],
    key: ["employee_id", "first_day"])

  static let contactCadences = Dataset(
    name: "contact_cadences", singular: "cadence of contacts", table: "contact_cadence",
    columns: [
      DatasetColumn("band", .text(limit: 40)),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
      DatasetColumn("every_days", .count),
    ],
    key: ["band", "effective_from"])

  static let contacts = Dataset(
    name: "contacts", singular: "contact with a client", table: "client_contact",
    columns: [
      DatasetColumn("client_number", .ownClient),
      DatasetColumn("employee_number", .employee),
      DatasetColumn("contacted_on", .date),
      DatasetColumn("channel", .text(limit: 40)),
      DatasetColumn("note", .text(limit: 1_000), required: false),
    ],
    key: ["branch_id", "client_id", "employee_id", "contacted_on", "channel"],
    completion: "bank.count_incoming_contacts", monthDay: "contacted_on")

  static let claims = Dataset(
    name: "claims", singular: "claim to a client", table: "client_claim",
    columns: [
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("prospect_name", .text(limit: 200), required: false),
      DatasetColumn("unit_code", .text(limit: 40), required: false),
      DatasetColumn("industry", .text(limit: 40), required: false),
      DatasetColumn("size", .text(limit: 40), required: false),
      DatasetColumn("claimed_on", .date),
      DatasetColumn("evidence", .text(limit: 1_000), required: false),
    ],
    key: ["employee_number", "client_number", "prospect_name", "claimed_on"],
    orders: Orders(verb: "bank.order_claim", column: "line_number"), isCompared: false,
    looksUp: ["org_units", "employees", "clients"])

  static let transfers = Dataset(
    name: "transfers", singular: "transfer", table: "transfer",
    columns: [
      DatasetColumn("reference", .text(limit: 40)),
      DatasetColumn("giver", .text(limit: 40)),
      DatasetColumn("receiver", .text(limit: 40)),
      DatasetColumn("effective_on", .date),
      DatasetColumn("effective_until", .date, required: false),
      DatasetColumn("cause", .text(limit: 200)),
      DatasetColumn("proposed_by", .text(limit: 40)),
      DatasetColumn("unit_code", .text(limit: 40), required: false),
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("account_number", .text(limit: 40), required: false),
      DatasetColumn(
        "problem_loans", .choice(of: ["move", "stay", "to_head"], type: "bank.problem_loans"),
        required: false),
      DatasetColumn("head", .text(limit: 40), required: false),
      DatasetColumn("balances_move", .choice(of: ["yes", "no"], type: "text"), required: false),
    ],
    key: ["reference", "receiver", "client_number", "account_number"],
    orders: Orders(verb: "bank.order_transfer", column: "reference"), isCompared: false,
    looksUp: ["org_units", "employees", "clients", "accounts"])

  static let transferAnswers = Dataset(
    name: "transfer_answers", singular: "answer to a transfer", table: "transfer_receiver",
    columns: [
      DatasetColumn("reference", .text(limit: 40)),
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("answer", .choice(of: ["accept", "refuse", "withdraw"], type: "text")),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: ["reference", "employee_number"],
    orders: Orders(verb: "bank.order_transfer_answer", column: "line_number"),
    isCompared: false, looksUp: ["employees", "transfers"])

  static let departures = Dataset(
    name: "departures", singular: "departure", table: "departure",
    columns: [
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("kind", .text(limit: 40)),
      DatasetColumn("leaves_on", .date),
      DatasetColumn("opened_by", .text(limit: 40)),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: ["employee_number", "leaves_on"],
    orders: Orders(verb: "bank.order_departure", column: "line_number"),
    isCompared: false, looksUp: ["employees"])
}
