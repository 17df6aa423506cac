/// How a dataset's rows are filed: in a table that is partitioned by month and keyed by branch, where those
/// of a file can be copied straight into their months. ``FactRouter`` says which.
struct MonthlyFiling: Sendable {
  /// Column of the day that says the month.
  let day: String
  /// Text column of the key whose bounds `bank.batch_part` keeps, so that rows outside them are known to be
  /// new; nil where a branch that has any row in a month has all others compared.
  var bound: String?
  /// What the rows add to `bank.account_month`.
  var rollUp: RollUp?
  /// What the rows add to `bank.fact_month`.
  var factSums: FactSums?

  /// The columns that sums by account and month are made of.
  struct RollUp: Sendable {
    let account: String
    let direction: String
    let amount: String
  }

  /// The columns that sums of facts are made of.
  struct FactSums: Sendable {
    let metric: String
    let product: String
    let employee: String
    let amount: String
  }
}
