import Quantities

/// An exact amount that has not been divided yet: a total over a divisor. An average daily balance
/// is the sum of the daily balances over the number of days; keeping both means that the only
/// rounding of a pay line is the one that the plan names, at its end.
///
/// Two ratios are equal when both parts are equal: 1 over 2 is not 2 over 4 here.
public struct ExactRatio: Hashable, Sendable {
  /// What is divided, such as balance-days.
  public let total: ExactDecimal
  /// What it is divided by, such as days; above zero.
  public let divisor: ExactDecimal

  /// Joins a total and its divisor. A divisor of zero or less is refused at evaluation.
  public init(total: ExactDecimal, divisor: ExactDecimal) {
    self.total = total
    self.divisor = divisor
  }

  /// An amount that needs no division: a divisor of one.
  public init(_ amount: ExactDecimal) {
    self.init(total: amount, divisor: .one)
  }

  /// Nothing.
  public static let zero = ExactRatio(.zero)

  /// Whether the divisor is one, so that the total is the amount.
  public var isWhole: Bool { divisor.coefficient == 1 && divisor.scale == 0 }

  /// The quotient with so many digits after the point, rounded once.
  public func rounded(places: Int, _ rounding: Rounding) throws(QuantityError) -> ExactDecimal {
    isWhole
      ? try total.rounded(toScale: places, rounding)
      : try total.divided(by: divisor, scale: places, rounding: rounding)
  }
}

/// The value of a metric for one person and month.
public typealias MetricValue = ExactRatio

extension ExactRatio: Codable, CustomStringConvertible, LosslessStringConvertible {
  /// `382716.00/31`, or `100.00` where nothing is divided.
  public var description: String { isWhole ? total.description : "\(total)/\(divisor)" }

  /// Parses the form of ``description``; nil for any other.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let total = ExactDecimal(String(parts[0])) else { return nil }
    if parts.count == 1 {
      self.init(total)
    } else if let divisor = ExactDecimal(String(parts[1])) {
      self.init(total: total, divisor: divisor)
    } else {
      return nil
    }
  }

  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let ratio = ExactRatio(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is neither \"100.00\" nor \"382716.00/31\"")
    }
    self = ratio
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
