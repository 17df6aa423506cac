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
}
