import CompensationEngine
import Exchange

/// What metrics are called for people.
enum MetricWording {
  private static let titles: [String: Wording] = [
    "deposit_average_daily_balance": Wording("Average daily deposits", chinese: "日均存款"),
    "loans_granted_amount": Wording("Loans granted", chinese: "发放贷款金额"),
    "loans_granted_count": Wording("Number of loans granted", chinese: "发放贷款笔数"),
    "clients_managed_count": Wording("Clients looked after", chinese: "管户数"),
    "violation_points": Wording("Violation points", chinese: "违规积分"),
  ]

  /// What a metric is called; its code if nobody has given it a name.
  static func title(of metric: String) -> Wording { titles[metric] ?? Wording(metric) }

  /// The spans over which something is measured.
  static func title(of span: Span) -> Wording {
    switch span {
    case .month: Wording("month", chinese: "本月")
    case .quarter: Wording("quarter so far", chinese: "本季累计")
    case .year: Wording("year so far", chinese: "本年累计")
    }
  }

  /// What stands for codes in the arithmetic of a plan's lines: the names of metrics, and the titles of
  /// components.
  static func names(
    _ lines: [(component: String, title: String)], in language: StepLanguage
  ) -> [String: String] {
    var names = titles.mapValues { $0[language == .english ? .en : .zh] }
    for line in lines { names[line.component] = line.title }
    return names
  }
}
