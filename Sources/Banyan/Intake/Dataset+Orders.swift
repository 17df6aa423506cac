/// Orders: each row, or each group of rows with one reference, is given to the function that the command of the same
/// name calls.
extension Dataset {
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

  static let claimChanges = Dataset(
    name: "claim_changes", singular: "change of a claim", table: "client_claim",
    columns: [
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("prospect_name", .text(limit: 200), required: false),
      DatasetColumn("change", .choice(of: ["attach", "withdraw"], type: "text")),
      DatasetColumn("attached_to", .text(limit: 40), required: false),
      DatasetColumn("effective_from", .date, required: false),
    ],
    key: ["employee_number", "client_number", "prospect_name", "change"],
    orders: Orders(verb: "bank.order_claim_change", column: "line_number"), isCompared: false,
    looksUp: ["employees", "clients", "claims"])

  static let collisionDecisions = Dataset(
    name: "collision_decisions", singular: "decision of a collision case", table: "collision_case",
    columns: [
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("prospect_name", .text(limit: 200), required: false),
      DatasetColumn("decided_by", .text(limit: 40)),
      DatasetColumn("winner", .text(limit: 40), required: false),
      DatasetColumn("reason", .text(limit: 1_000)),
      DatasetColumn("effective_from", .date, required: false),
    ],
    key: ["client_number", "prospect_name"],
    orders: Orders(verb: "bank.order_collision_decision", column: "line_number"),
    isCompared: false, looksUp: ["employees", "clients", "claims"])

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
      DatasetColumn(
        "answer", .choice(of: ["accept", "refuse", "withdraw", "apply"], type: "text")),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: ["reference", "employee_number"],
    orders: Orders(verb: "bank.order_transfer_answer", column: "line_number"),
    isCompared: false, looksUp: ["employees", "transfers"])

  static let handovers = Dataset(
    name: "handovers", singular: "handover", table: "handover",
    columns: [
      DatasetColumn("reference", .text(limit: 40)),
      DatasetColumn("subject", .text(limit: 200)),
      DatasetColumn("giver", .text(limit: 40)),
      DatasetColumn("receiver", .text(limit: 40)),
      DatasetColumn("witness", .text(limit: 40)),
      DatasetColumn("planned_on", .date),
      DatasetColumn("transfer_reference", .text(limit: 40), required: false),
      DatasetColumn("leaver", .text(limit: 40), required: false),
    ],
    key: ["reference"],
    orders: Orders(verb: "bank.order_handover", column: "line_number"), isCompared: false,
    looksUp: ["employees", "transfers", "departures"])

  static let handoverItems = Dataset(
    name: "handover_items", singular: "item of a handover", table: "handover_item",
    columns: [
      DatasetColumn("reference", .text(limit: 40)),
      DatasetColumn("item", .count, required: false),
      DatasetColumn(
        "kind",
        .choice(
          of: [
            "clients", "file", "archive", "key", "seal", "equipment", "access",
            "unfinished_matter", "other",
          ], type: "bank.handover_item_kind"), required: false),
      DatasetColumn("description", .text(limit: 200), required: false),
      DatasetColumn("item_reference", .text(limit: 40), required: false),
      DatasetColumn("quantity", .count, required: false),
      DatasetColumn("given_on", .date, required: false),
      DatasetColumn("received_on", .date, required: false),
      DatasetColumn("finding", .text(limit: 1_000), required: false),
    ],
    key: ["reference", "item", "kind", "description", "item_reference"],
    orders: Orders(verb: "bank.order_handover_item", column: "line_number"), isCompared: false,
    looksUp: ["handovers"])

  static let handoverSignatures = Dataset(
    name: "handover_signatures", singular: "signature of a handover", table: "handover",
    columns: [
      DatasetColumn("reference", .text(limit: 40)),
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("signed_on", .date),
      DatasetColumn("opinion", .text(limit: 1_000), required: false),
    ],
    key: ["reference", "employee_number", "opinion"],
    orders: Orders(verb: "bank.order_handover_signature", column: "line_number"),
    isCompared: false, looksUp: ["employees", "handovers", "handover_items"])

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

  static let departureItems = Dataset(
    name: "departure_items", singular: "item of a departure", table: "departure_item",
    columns: [
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn("item", .count, required: false),
      DatasetColumn("description", .text(limit: 200), required: false),
      DatasetColumn("settled_by", .text(limit: 40), required: false),
      DatasetColumn("settlement", .text(limit: 1_000), required: false),
    ],
    key: ["employee_number", "item", "description"],
    orders: Orders(verb: "bank.order_departure_item", column: "line_number"), isCompared: false,
    looksUp: ["employees", "departures"])

  static let departureSteps = Dataset(
    name: "departure_steps", singular: "step of a departure", table: "departure",
    columns: [
      DatasetColumn("employee_number", .text(limit: 40)),
      DatasetColumn(
        "step", .choice(of: ["refresh", "close", "release", "withdraw"], type: "text")),
      DatasetColumn("auditor", .text(limit: 40), required: false),
      DatasetColumn("opinion", .text(limit: 1_000), required: false),
      DatasetColumn("released_on", .date, required: false),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: ["employee_number", "step"],
    orders: Orders(verb: "bank.order_departure_step", column: "line_number"), isCompared: false,
    looksUp: ["employees", "departures", "departure_items"])
}
