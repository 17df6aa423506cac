extension Dataset {
  static let assignments = Dataset(
    name: "assignments", singular: "assignment", table: "assignment",
    columns: [DatasetColumn("account_number", .account)] + assignmentColumns,
    key: ["branch_id", "account_id", "product_line", "employee_id", "effective_from"],
    placement: "bank.place_incoming_assignments", isSuperseded: true,
    correction: coverageChanges.name, comparison: "bank.level_incoming_assignments")

  static let clientAssignments = Dataset(
    name: "client_assignments", singular: "assignment of a client", table: "assignment",
    columns: [DatasetColumn("client_number", .ownClient)] + assignmentColumns,
    key: ["branch_id", "client_id", "product_line", "employee_id", "effective_from"],
    placement: "bank.place_incoming_assignments", isSuperseded: true,
    correction: coverageChanges.name, comparison: "bank.level_incoming_assignments")

  private static let roleColumn = DatasetColumn(
    "role", .choice(of: ["main", "assisting"], type: "bank.assignment_role"), required: false)

  private static let assignmentColumns = [
    DatasetColumn("product_line", .productLine, required: false),
    DatasetColumn("employee_number", .employee),
    roleColumn,
    DatasetColumn("share", .share),
    DatasetColumn("effective_from", .date),
    DatasetColumn("effective_until", .date, required: false),
  ]

  static let coverageChanges = Dataset(
    name: "coverage_changes", singular: "change of an assignment", table: "assignment",
    columns: [
      DatasetColumn(
        "verb",
        .choice(of: ["assign", "reassign", "end", "correct"], type: "bank.coverage_verb")),
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("account_number", .text(limit: 40), required: false),
      DatasetColumn("product_line", .productLine, required: false),
      DatasetColumn("employee_number", .employee, required: false),
      roleColumn,
      DatasetColumn("share", .share, required: false),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: [
      "verb", "client_number", "account_number", "product_line", "employee_id", "effective_from",
    ],
    placement: "bank.place_incoming_coverage_changes", isCompared: false,
    looksUp: ["clients", "accounts"])

  static let prospects = Dataset(
    name: "prospects", singular: "prospect", table: "client",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200), required: false),
      DatasetColumn("kind", .choice(of: ["person", "company"], type: "bank.client_kind")),
      DatasetColumn("branch_code", .branch),
      DatasetColumn("effective_from", .date, onRecord: "i.effective_from"),
    ],
    key: ["number"], completion: "bank.mark_incoming_prospects")

  static let groupMembers = Dataset(
    name: "group_members", singular: "member of a group", table: "client_group_member",
    columns: [
      DatasetColumn("group_code", .text(limit: 40)),
      DatasetColumn("group_name", .text(limit: 200), required: false),
      DatasetColumn("client_number", .text(limit: 40)),
      DatasetColumn(
        "role", .choice(of: ["head", "member"], type: "bank.group_role"), required: false),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["group_code", "client_number", "effective_from"],
    orders: Orders(verb: "bank.order_group_member", column: "line_number"), isCompared: false,
    looksUp: ["clients"])

  static let clientMerges = Dataset(
    name: "client_merges", singular: "merge of two clients", table: "client_merge",
    columns: [
      DatasetColumn("duplicate", .text(limit: 40)),
      DatasetColumn("survivor", .text(limit: 40)),
      DatasetColumn("reason", .text(limit: 200)),
    ],
    key: ["duplicate"],
    orders: Orders(verb: "bank.order_client_merge", column: "line_number"), isCompared: false,
    looksUp: ["clients"])
}
