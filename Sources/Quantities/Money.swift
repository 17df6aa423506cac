/// A currency by its ISO 4217 code and the number of digits of its minor unit.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
  /// Three capital letters, such as `CNY`.
  public let code: String
  /// Digits after the point of an amount that can be paid: 2 for CNY, 0 for JPY, 3 for KWD.
  public let minorUnitDigits: Int

  /// Makes a currency; nil unless the code is three capital letters and the digits are 0 to 4.
  public init?(code: String, minorUnitDigits: Int = 2) {
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (65...90).contains($0) }),
      (0...4).contains(minorUnitDigits)
    else { return nil }
    self.code = code
    self.minorUnitDigits = minorUnitDigits
  }

  /// The code.
  public var description: String { code }
}

/// An amount together with its currency. Amounts of different currencies never add up.
public struct Money: Hashable, Sendable, CustomStringConvertible {
  /// The amount, at any scale until it is rounded for payment.
  public let amount: ExactDecimal
  /// The currency of the amount.
  public let currency: Currency

  /// Joins an amount and its currency.
  public init(_ amount: ExactDecimal, _ currency: Currency) {
    self.amount = amount
    self.currency = currency
  }

  /// The exact sum; throws ``QuantityError/currenciesDiffer(_:_:)`` for two currencies.
  public static func + (left: Money, right: Money) throws(QuantityError) -> Money {
    if left.currency != right.currency {
      throw .currenciesDiffer(left.currency.code, right.currency.code)
    }
    return Money(try left.amount + right.amount, left.currency)
  }

  /// The amount rounded to the currency's minor unit.
  public func rounded(_ rounding: Rounding) throws(QuantityError) -> Money {
    Money(try amount.rounded(toScale: currency.minorUnitDigits, rounding), currency)
  }

  /// The amount and the code: `12.50 CNY`.
  public var description: String { "\(amount) \(currency.code)" }
}
