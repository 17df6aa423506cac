import LibPQ

extension Dataset {
  /// Why the rows cannot be written as the dataset that they came as; nil if they can.
  var reasonAgainstExport: String? {
    if isConfidential {
      return
        "\(name) are sealed in the database and leave it as nothing but themselves; `banyan export \(table)` writes the sealed rows"
    }
    if orders != nil || table == "org_change" || name == Dataset.coverageChanges.name {
      return
        "\(name) are orders, and what they have changed is on record elsewhere; export that instead"
    }
    if name == Dataset.prospects.name { return "prospects are among the clients; export those" }
    if [Dataset.sales.name, Dataset.fees.name].contains(name) {
      return "\(name) are among the facts; export those"
    }
    if name == Dataset.selectionResults.name {
      return "selection_results are rows of several tables; `banyan export \(table)` writes one"
    }
    return nil
  }

  /// The rows that count today with the columns of the dataset, so that an import takes them again.
  var exportQuery: Query {
    var joins: [String] = []
    let values = columns.map { column in
      "\(column.exported(of: self, joining: &joins)) as \(column.name)"
    }
    let condition = isSuperseded ? " where t.superseded_at is null" : ""
    return Query(
      unsafeSQL:
        "select \(values.joined(separator: ", ")) from bank.\(table) as t \(joins.joined(separator: " "))\(condition)"
    )
  }
}

extension DatasetColumn {
  /// What the staged rows alone have, and where else it is on record.
  private static let recordedElsewhere = [
    "posts.team_name": "(select g.name from bank.team as g where g.team_id = t.team_id)",
    "tier_ladder.title": "(select r.title from bank.tier as r where r.code = t.tier)",
    "tier_ladder.rank": "(select r.rank from bank.tier as r where r.code = t.tier)",
  ]

  /// The value as the dataset has it, as SQL over the table `t` and what it is joined with.
  fileprivate func exported(of dataset: Dataset, joining joins: inout [String]) -> String {
    if let expression = Self.recordedElsewhere["\(dataset.name).\(name)"] ?? onRecord {
      return expression
    }
    let alias = "j\(joins.count + 1)"
    func join(_ table: String, _ condition: String, _ value: String) -> String {
      joins.append(
        "\(isRequired ? "join" : "left join") bank.\(table) as \(alias) on \(condition)")
      return "\(alias).\(value)"
    }
    switch kind {
    case .branch: return join("org_unit", "\(alias).org_unit_id = t.branch_id", "code")
    case .unit: return join("org_unit", "\(alias).org_unit_id = t.org_unit_id", "code")
    case .account:
      return join(
        "account", "\(alias).branch_id = t.branch_id and \(alias).account_id = t.account_id",
        "number")
    case .ownClient:
      return join(
        "client", "\(alias).branch_id = t.branch_id and \(alias).client_id = t.client_id", "number")
    case .client:
      return join(
        "client", "\(alias).branch_id = t.client_branch_id and \(alias).client_id = t.client_id",
        "number")
    case .holding:
      let keys = ["branch_id", "account_id", "client_branch_id", "client_id"]
      return join(
        "account_holder", keys.map { "\(alias).\($0) = t.\($0)" }.joined(separator: " and "),
        "number")
    case .employee: return join("employee", "\(alias).employee_id = t.employee_id", "number")
    case .colleague(let column):
      return join("employee", "\(alias).employee_id = t.\(column)", "number")
    case .metric: return join("metric", "\(alias).metric_id = t.metric_id", "code")
    case .product: return join("product", "\(alias).product_id = t.product_id", "code")
    case .loan:
      return join(
        "loan", "\(alias).branch_id = t.branch_id and \(alias).loan_id = t.loan_id", "number")
    case .text where isZeroForNone: return "nullif(t.\(name), '')"
    case .text, .amount, .positiveAmount, .balance, .share, .count, .number, .date, .choice,
      .currency, .tier, .postKind, .productLine:
      return "t.\(name)"
    case .parentUnit:
      return stagingColumns.first?.onRecord ?? "null"
    }
  }
}
