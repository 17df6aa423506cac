/// What plans may ask for beside facts and assignments.
extension Dataset {
  static let dealRoles = Dataset(
    name: "deal_roles", singular: "role in a deal", table: "deal_role",
    columns: [
      DatasetColumn("loan_number", .text(limit: 40)),
      DatasetColumn("employee_number", .employee),
      DatasetColumn("role", .text(limit: 40)),
    ],
    key: ["loan_number", "employee_id"], placement: "bank.place_incoming_deal_roles",
    isSuperseded: true, looksUp: ["loans"], comparison: "bank.end_incoming_deal_roles")

  static let exchangeRates = Dataset(
    name: "exchange_rates", singular: "exchange rate", table: "exchange_rate",
    columns: [
      DatasetColumn("currency", .text(limit: 3)),
      DatasetColumn("day", .date),
      DatasetColumn("rate", .number),
    ],
    key: ["currency", "day"])

  static let payEntries = Dataset(
    name: "pay_entries", singular: "decided amount", table: "pay_entry",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("plan_code", .text(limit: 63)),
      DatasetColumn("month", .date),
      DatasetColumn("class", .text(limit: 40)),
      DatasetColumn("record", .text(limit: 100)),
      DatasetColumn("amount", .balance),
      DatasetColumn("reason", .text(limit: 200)),
    ],
    key: ["employee_id", "plan_code", "month", "class", "record"],
    placement: "bank.place_incoming_pay_entries", isSuperseded: true,
    comparison: "bank.end_incoming_pay_entries")
}
