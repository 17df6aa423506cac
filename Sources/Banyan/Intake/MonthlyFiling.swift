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
  /// SQL function that adds the rows which went straight into their months to another roll-up; it is called
  /// with the batch and the months.
  var summing: String?

  /// The columns that sums by account and month are made of.
  struct RollUp: Sendable {
    let account: String
    let direction: String
    let amount: String
  }
}
