/// What happens to the digits that do not fit. A pay plan names one of these; nothing rounds by
/// default.
public enum Rounding: String, Sendable, CaseIterable, Codable {
  /// To the nearest, a half away from zero: 0.125 → 0.13 and −0.125 → −0.13.
  case halfUp = "half_up"
  /// To the nearest, a half to the even neighbour (banker's rounding): 0.125 → 0.12.
  case halfEven = "half_even"
  /// To the nearest, a half towards zero: 0.125 → 0.12.
  case halfDown = "half_down"
  /// Towards zero, which cuts the digits off.
  case down
  /// Away from zero.
  case up
  /// Towards minus infinity.
  case floor
  /// Towards plus infinity.
  case ceiling

  /// Whether the magnitude that is left after the cut grows by one.
  ///
  /// - Parameters:
  ///   - remainder: What was cut off.
  ///   - isNegative: Whether the number is below zero.
  ///   - isOdd: Whether the last digit that is left is odd.
  func roundsAway(remainder: Remainder, isNegative: Bool, isOdd: Bool) -> Bool {
    if remainder == .zero { return false }
    switch self {
    case .halfUp: return remainder != .belowHalf
    case .halfEven: return remainder == .aboveHalf || (remainder == .half && isOdd)
    case .halfDown: return remainder == .aboveHalf
    case .down: return false
    case .up: return true
    case .floor: return isNegative
    case .ceiling: return !isNegative
    }
  }
}

/// Where the part that was cut off lies between two neighbours.
enum Remainder {
  case zero, belowHalf, half, aboveHalf

  init(_ remainder: UInt128, of divisor: UInt128) {
    if remainder == 0 {
      self = .zero
    } else {
      // remainder against divisor - remainder, because twice the remainder could overflow.
      let rest = divisor - remainder
      self = remainder < rest ? .belowHalf : remainder == rest ? .half : .aboveHalf
    }
  }
}
