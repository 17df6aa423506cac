import Exchange
import LibPQ
import Quantities

/// What a month pays out, one row for each person and currency, for the payroll system.
public struct Payroll: Sendable {
  /// The sums of one currency, by which the receiver sees that nothing was lost.
  public struct Control: Hashable, Sendable {
    /// The currency.
    public let currency: String
    /// How many people there are.
    public let people: Int
    /// What the month itself pays.
    public let cashNow: ExactDecimal
    /// What of earlier pay was released with it.
    public let released: ExactDecimal
    /// What is taken back, below zero.
    public let recovered: ExactDecimal
    /// The three together.
    public let total: ExactDecimal
  }

  /// The rows.
  public let listing: Listing
  /// A line for each currency.
  public let controls: [Control]

  /// Reads what a month pays out.
  ///
  /// - Throws: ``BanyanError`` if a run that counts for the month is not posted, or there is none.
  public init(
    month: Month, language: Language, on connection: isolated Connection
  ) throws {
    let runs = try connection.rows(
      """
      select r.pay_run_id, exists (select 1 from bank.pay_posting as o where o.pay_run_id = r.pay_run_id)
      from report.pay_run as r where r.counts and r.month = \(month.description) order by r.pay_run_id
      """, as: (Int32, Bool).self)
    if runs.isEmpty {
      throw BanyanError.usage(
        "there is no run of \(month), so nothing is paid out; calculate it with `banyan pay run \(month)`"
      )
    }
    if let (run, _) = runs.first(where: { !$0.1 }) {
      throw BanyanError.data(
        "run \(run) of \(month) is not posted, and only what is posted is paid out; post it with `banyan pay post \(run)` first"
      )
    }
    listing = try Listing(
      Self.columns(language),
      """
      select month, employee_number, employee_name, unit_code, currency, cash_now, released, recovered, total
      from report.payroll where month = \(month.description)
      order by employee_number collate "C", currency collate "C"
      """, on: connection)
    controls = try connection.rows(
      """
      select currency, count(*), sum(cash_now), sum(released), sum(recovered), sum(total)
      from report.payroll where month = \(month.description) group by currency order by currency collate "C"
      """, as: (String, Int, ExactDecimal, ExactDecimal, ExactDecimal, ExactDecimal).self
    ).map {
      Control(
        currency: $0.0, people: $0.1, cashNow: $0.2, released: $0.3, recovered: $0.4, total: $0.5)
    }
  }

  private static func columns(_ language: Language) -> [Column] {
    func title(_ english: String, _ chinese: String) -> String {
      Wording(english, chinese: chinese)[language]
    }
    return [
      Column("month", title: title("Month", "月份")),
      Column("person", title: title("Person", "工号")),
      Column("name", title: title("Name", "姓名")),
      Column("unit", title: title("Unit", "机构")),
      Column("currency", title: title("Currency", "币种")),
      Column("cash_now", .amount, title: title("Cash now", "当期发放"), isSummed: true),
      Column("released", .amount, title: title("Deferred pay released", "递延到期"), isSummed: true),
      Column("recovered", .amount, title: title("Recovered", "追回"), isSummed: true),
      Column("total", .amount, title: title("Total", "合计"), isSummed: true),
    ]
  }
}
