/// What free metrics measure: their catalogue, and facts, sales and fees; balances that are sent as such; and what
/// borrowers are to pay and have paid.
extension Dataset {
  static let products = Dataset(
    name: "products", singular: "product", table: "product",
    columns: [
      DatasetColumn("code", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200)),
      DatasetColumn("product_line", .productLine, required: false),
    ],
    key: ["code"])

  static let metrics = Dataset(
    name: "metrics", singular: "metric", table: "metric",
    columns: [
      DatasetColumn("code", .text(limit: 40)),
      DatasetColumn("name", .text(limit: 200)),
      DatasetColumn("chinese_name", .text(limit: 200), required: false),
      DatasetColumn("base_code", .text(limit: 40), required: false),
      DatasetColumn(
        "measure", .choice(of: ["amount", "facts"], type: "bank.metric_measure"),
        required: false, standing: "amount"),
      DatasetColumn(
        "crediting", .choice(of: ["named", "assigned"], type: "bank.metric_crediting"),
        required: false, standing: "named"),
      DatasetColumn("product_line", .productLine, required: false),
    ],
    key: ["code"], placement: "bank.place_incoming_metrics")

  static let facts = factDataset("facts", singular: "fact", metric: nil)
  static let sales = factDataset("sales", singular: "sale", metric: "sales_amount")
  static let fees = factDataset("fees", singular: "fee", metric: "fee_income")

  /// Rows of `bank.fact`, of any metric or of one that the dataset itself names.
  private static func factDataset(
    _ name: String, singular: String, metric: String?
  ) -> Dataset {
    Dataset(
      name: name, singular: singular, table: "fact",
      columns: [
        DatasetColumn("branch_code", .branch),
        DatasetColumn("booked_on", .date),
        DatasetColumn("metric", .metric, required: metric == nil, standing: metric),
        DatasetColumn("product_code", .product, required: false, isZeroForNone: true),
        DatasetColumn("client_number", .client, required: false, isZeroForNone: true),
        DatasetColumn("employee_number", .employee, required: false, isZeroForNone: true),
        DatasetColumn("number", .text(limit: 40), required: false, isZeroForNone: true),
        DatasetColumn("amount", .balance),
      ],
      key: [
        "branch_id", "client_id", "booked_on", "metric_id", "product_id", "employee_id", "number",
      ],
      preparation: "bank.prepare_incoming_facts", completion: "bank.roll_up_incoming_facts",
      searchDay: "booked_on", monthDay: "booked_on",
      filing: MonthlyFiling(
        day: "booked_on",
        factSums: MonthlyFiling.FactSums(
          metric: "metric_id", product: "product_id", employee: "employee_id", amount: "amount")))
  }

  static let balances = Dataset(
    name: "balances", singular: "balance", table: "account_balance",
    columns: [
      DatasetColumn("account_number", .account),
      DatasetColumn("balanced_on", .date),
      DatasetColumn("balance", .balance),
    ],
    key: ["branch_id", "account_id", "balanced_on"], placement: "bank.place_incoming_balances",
    searchDay: "balanced_on", monthDay: "balanced_on")

  static let repaymentSchedules = Dataset(
    name: "repayment_schedules", singular: "repayment that is due", table: "repayment_due",
    columns: [
      DatasetColumn("loan_number", .loan),
      DatasetColumn("due_on", .date),
      DatasetColumn("principal", .amount),
      DatasetColumn("interest", .amount),
    ],
    key: ["branch_id", "loan_id", "due_on"], preparation: "bank.prepare_incoming_schedules",
    completion: "bank.count_incoming_schedules", searchDay: "due_on", monthDay: "due_on")

  static let repayments = Dataset(
    name: "repayments", singular: "repayment", table: "repayment",
    columns: [
      DatasetColumn("number", .text(limit: 40)),
      DatasetColumn("loan_number", .loan),
      DatasetColumn("paid_on", .date),
      DatasetColumn("principal", .amount),
      DatasetColumn("interest", .amount),
    ],
    key: ["branch_id", "number"], preparation: "bank.prepare_incoming_repayments",
    completion: "bank.count_incoming_repayments", searchDay: "paid_on", monthDay: "paid_on")
}
