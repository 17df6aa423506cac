import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// One person's pay for one month, from the total down to the lines of the files that branches sent.
/// Every sum in it re-adds exactly; ``check()`` says where one does not.
public struct PayExplanation: Sendable, Encodable {
  /// A movement that counted.
  public struct Movement: Sendable, Encodable {
    /// Transaction number.
    public let number: String
    /// Day of booking.
    public let bookedOn: String
    /// Signed amount.
    public let amount: ExactDecimal
    /// Days for which it counted.
    public let days: Int
    /// Amount times days.
    public let balanceDays: ExactDecimal
    /// File and line that it came from.
    public let source: String
  }

  /// A credit: one account, or one loan.
  public struct Credit: Sendable, Encodable {
    /// Account number.
    public let account: String
    /// Branch of the account.
    public let branch: String
    /// Loan number, for the metrics of loans.
    public let loan: String?
    /// Share of the assignment.
    public let share: ExactDecimal
    /// First day that counts.
    public let countedFrom: String
    /// Last day that counts.
    public let countedTo: String
    /// What was measured.
    public let measured: ExactDecimal
    /// Measured times share.
    public let credited: ExactDecimal
    /// Balance at the start of the first day that counts, for balances.
    public let openingBalance: ExactDecimal?
    /// Days from the first to the last, for balances.
    public let days: Int?
    /// The movements within those days, for balances.
    public let movements: [Movement]
    /// File and line of the loan, or of the assignment.
    public let source: String
  }

  /// A fact of a free metric that counted.
  public struct Fact: Sendable, Encodable {
    /// Branch where it counts.
    public let branch: String
    /// Its day.
    public let bookedOn: String
    /// Client that it is about; nil for none.
    public let client: String?
    /// Product that it is about; nil for none.
    public let product: String?
    /// Its number; nil where it has none.
    public let number: String?
    /// `named`: it names the person; `assigned`: its client is assigned to the person.
    public let way: String
    /// Share of the assignment; 1 for a fact that names the person.
    public let share: ExactDecimal
    /// What it measures.
    public let measured: ExactDecimal
    /// Measured times share.
    public let credited: ExactDecimal
    /// File and line that it came from.
    public let source: String
  }

  /// A line of the statement.
  public struct Line: Sendable, Encodable {
    /// Position on the statement.
    public let number: Int
    /// Component of the plan.
    public let component: String
    /// Title as printed.
    public let title: String
    /// Amount in the plan's currency.
    public let amount: ExactDecimal
    /// Whether it is part of what is earned; otherwise it is only shown.
    public let isPaid: Bool
    /// The steps from the basis to the amount.
    let steps: [ArithmeticStep]
    /// The same in words.
    public let arithmetic: [String]
    /// What was measured in all; nil for lines that are made of other lines.
    public let basisTotal: ExactDecimal?
    /// What that is divided by.
    public let basisDivisor: ExactDecimal?
    /// The credits that sum to the basis.
    public let credits: [Credit]
    /// The facts that sum to the basis, for free metrics.
    public let facts: [Fact]
    /// What the line corrects, and how that is calculated now; nil for a line of the month itself.
    public internal(set) var correction: Correction?

    private enum CodingKeys: CodingKey {
      case number, component, title, amount, isPaid, arithmetic, basisTotal, basisDivisor, credits,
        facts, correction
    }
  }

  /// The earlier month that a line corrects.
  public struct Correction: Sendable, Encodable {
    /// A payment for the month by the component.
    public struct Payment: Sendable, Encodable {
      /// Key of the run that paid it.
      public let run: Int
      /// Month of that run, YYYY-MM.
      public let month: String
      /// Position on its statement.
      public let line: Int
      /// What it paid.
      public let amount: ExactDecimal
    }

    /// The month, YYYY-MM.
    public let month: String
    /// Key of the calculation that says what the month is worth now.
    public let recalculation: Int
    /// What the component is worth by that.
    public let recalculated: ExactDecimal
    /// The lines of that calculation, down to the lines of the files.
    public let lines: [Line]
    /// What had been paid for it.
    public let paidBefore: ExactDecimal
    /// The lines that had paid it.
    public let payments: [Payment]
    /// What came to be known, a sentence each.
    public let causes: [String]
  }

  /// A part that is paid later.
  public struct Instalment: Sendable, Encodable {
    /// Day on which it is due.
    public let dueOn: String
    /// Amount in the plan's currency.
    public let amount: ExactDecimal
  }

  /// Employee number.
  public let person: String
  /// Name; nil where the source has none.
  public let name: String?
  /// Month, YYYY-MM.
  public let month: String
  /// Key of the run.
  public let run: Int
  /// Code and version of the plan.
  public let plan: String
  /// Currency of the pay.
  public let currency: String
  /// Tier on the last day of the month.
  public let tier: String?
  /// Sum of the lines.
  public let earned: ExactDecimal
  /// Part that is paid later.
  public let deferred: ExactDecimal
  /// Part that is paid now.
  public let payable: ExactDecimal
  /// The lines.
  public private(set) var lines: [Line]
  /// When the deferred part is due.
  public let instalments: [Instalment]

  /// The same with one line only. ``check()`` the whole, for the sums that lines have part in.
  ///
  /// - Throws: ``BanyanError`` if there is no such line.
  public func showing(line number: Int) throws -> PayExplanation {
    var part = self
    part.lines = lines.filter { $0.number == number }
    if part.lines.isEmpty {
      throw BanyanError.usage(
        "the statement of \(person) for \(month) has no line \(number); its lines are 1 to \(lines.last?.number ?? 0)"
      )
    }
    return part
  }

  /// Sums that do not re-add, each in a sentence; none, unless facts came in after the run.
  public func check() throws -> [String] {
    var findings: [String] = []
    func expect(_ what: String, _ parts: [ExactDecimal], _ total: ExactDecimal) throws {
      let sum = try parts.reduce(ExactDecimal.zero) { try $0 + $1 }
      if sum != total { findings.append("\(what): the parts sum to \(sum), not to \(total)") }
    }
    try expect("earned", lines.filter(\.isPaid).map(\.amount), earned)
    try expect("earned", [deferred, payable], earned)
    try expect("deferred", instalments.map(\.amount), deferred)
    for line in lines {
      try check(line, called: "line \(line.number)", expect)
      guard let correction = line.correction else { continue }
      let place = "line \(line.number), \(correction.month)"
      for line in correction.lines {
        try check(line, called: "\(place), line \(line.number)", expect)
      }
      try expect(
        "\(place), calculated again", correction.lines.filter(\.isPaid).map(\.amount),
        correction.recalculated)
      try expect(
        "\(place), paid before", correction.payments.map(\.amount), correction.paidBefore)
      try expect(
        "\(place), the difference", [correction.paidBefore, line.amount], correction.recalculated)
    }
    return findings
  }

  private func check(
    _ line: Line, called place: String,
    _ expect: (String, [ExactDecimal], ExactDecimal) throws -> Void
  ) throws {
    guard let total = line.basisTotal else { return }
    try expect(place, line.credits.map(\.credited) + line.facts.map(\.credited), total)
    for credit in line.credits {
      guard let opening = credit.openingBalance, let days = credit.days else { continue }
      try expect(
        "\(place), account \(credit.account)",
        [try opening * ExactDecimal(days)] + credit.movements.map(\.balanceDays),
        credit.measured)
    }
  }
}
