/// Why a calculation with exact quantities has no result.
public enum QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// More than 38 digits would be needed; the text shows the calculation.
  case overflow(String)
  /// A division by zero; the text shows the calculation.
  case divisionByZero(String)
  /// Two amounts of different currencies, by their codes, met in one sum.
  case currenciesDiffer(String, String)
  /// Shares that cannot be applied: none, a negative one, or a sum of zero.
  case unusableWeights(String)

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .overflow(let what): "the result has more than 38 digits: \(what)"
    case .divisionByZero(let what): "division by zero: \(what)"
    case .currenciesDiffer(let left, let right):
      "an amount in \(left) cannot be added to one in \(right); convert one of them first"
    case .unusableWeights(let why): "the amount cannot be shared out: \(why)"
    }
  }
}
