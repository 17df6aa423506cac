extension Dataset {
  /// Levels of the org tree, from the top.
  static let orgLevels = [
    "head_office", "region", "branch", "sub_branch", "outlet", "department", "section",
    "city_office",
  ]

  static let orgChanges = Dataset(
    name: "org_changes", singular: "change of the org tree", table: "org_change",
    columns: [
      DatasetColumn(
        "kind",
        .choice(
          of: ["open", "close", "rename", "move", "change_level", "merge", "split"],
          type: "bank.org_change_kind")),
      DatasetColumn("effective_on", .date),
      DatasetColumn("code", .text(limit: 40), required: false),
      DatasetColumn("former_name", .text(limit: 200), required: false),
      DatasetColumn("name", .text(limit: 200), required: false),
      DatasetColumn("level", .choice(of: orgLevels, type: "bank.org_level"), required: false),
      DatasetColumn("parent_code", .text(limit: 40), required: false),
      DatasetColumn("other_code", .text(limit: 40), required: false),
      DatasetColumn("known_since", .date, required: false),
      DatasetColumn("reason", .text(limit: 200), required: false),
    ],
    key: ["kind", "code", "effective_on"], placement: "bank.place_incoming_org_changes",
    isCompared: false)

  static let posts = Dataset(
    name: "posts", singular: "post", table: "post",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("unit_code", .unit),
      DatasetColumn("kind", .postKind),
      DatasetColumn(
        "is_main", .choice(of: ["yes", "no"], type: "text"), required: false,
        onRecord: "case when t.is_main then 'yes' else 'no' end"),
      DatasetColumn("line_manager", .colleague("line_manager_id"), required: false),
      DatasetColumn(
        "team_code", .text(limit: 40), required: false,
        onRecord: "(select g.code from bank.team as g where g.team_id = t.team_id)"),
      DatasetColumn("team_name", .text(limit: 200), required: false, onRecord: "i.team_name"),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["employee_id", "org_unit_id", "kind", "effective_from"],
    placement: "bank.place_incoming_posts", isSuperseded: true,
    comparison: "bank.end_incoming_posts")

  static let specialities = Dataset(
    name: "specialities", singular: "speciality of an employee", table: "employee_speciality",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("speciality", .text(limit: 40)),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["employee_id", "speciality", "effective_from"], isSuperseded: true)

  static let qualifications = Dataset(
    name: "qualifications", singular: "qualification of an employee",
    table: "employee_qualification",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("qualification", .text(limit: 40)),
      DatasetColumn("obtained_on", .date),
      DatasetColumn("expires_on", .date, required: false),
      DatasetColumn("certificate_number", .text(limit: 40), required: false),
    ],
    key: ["employee_id", "qualification", "obtained_on"], isSuperseded: true)

  static let relationships = Dataset(
    name: "relationships", singular: "declared relationship", table: "relationship_declaration",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("client_number", .text(limit: 40), required: false),
      DatasetColumn("other_employee", .colleague("other_employee_id"), required: false),
      DatasetColumn("relation", .text(limit: 200)),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
    ],
    key: ["employee_id", "client_number", "other_employee_id", "effective_from"],
    isSuperseded: true)

  static let tierLadder = Dataset(
    name: "tier_ladder", singular: "tier of the ladder", table: "tier_terms",
    columns: [
      DatasetColumn("tier", .text(limit: 40)),
      DatasetColumn("title", .text(limit: 200), required: false, onRecord: "i.title"),
      DatasetColumn("rank", .count, required: false, onRecord: "i.rank"),
      DatasetColumn("effective_from", .date),
      DatasetColumn("effective_until", .date, required: false),
      DatasetColumn(
        "client_bands", .text(limit: 1_000), required: false,
        onRecord: "array_to_string(t.client_bands, ';')"),
      DatasetColumn(
        "powers", .text(limit: 1_000), required: false,
        onRecord: "array_to_string(t.powers, ';')"),
      DatasetColumn("ticket_limit", .amount, required: false),
      DatasetColumn("client_capacity", .count, required: false),
      DatasetColumn("coefficient", .number, required: false),
      DatasetColumn("base_pay", .amount, required: false),
    ],
    key: ["tier", "effective_from"], placement: "bank.place_incoming_tier_terms",
    isSuperseded: true, comparison: "bank.settle_incoming_tier_terms")

  static let reviewMeasures = Dataset(
    name: "review_measures", singular: "measure of an employee", table: "review_measure",
    columns: [
      DatasetColumn("employee_number", .employee),
      DatasetColumn("measure", .text(limit: 60)),
      DatasetColumn("period_from", .date),
      DatasetColumn("period_until", .date),
      DatasetColumn("value", .number),
    ],
    key: ["employee_id", "measure", "period_from", "period_until"], isSuperseded: true)

  static let selectionResults = Dataset(
    name: "selection_results", singular: "result of a selection from before",
    table: "selection_application",
    columns: [
      DatasetColumn("round_code", .text(limit: 40)),
      DatasetColumn("title", .text(limit: 200), required: false),
      DatasetColumn("kind", .postKind),
      DatasetColumn("unit_code", .unit),
      DatasetColumn("seats", .count),
      DatasetColumn("published_on", .date),
      DatasetColumn("employee_number", .employee),
      DatasetColumn("place", .count),
      DatasetColumn("total", .number),
    ],
    key: ["round_code", "employee_id"], placement: "bank.place_incoming_selection_results",
    isCompared: false)
}
