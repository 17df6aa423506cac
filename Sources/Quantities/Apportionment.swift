extension ExactDecimal {
  /// Shares this amount out by weights so that the parts, each with `scale` digits, add up to
  /// exactly this amount: every part gets its whole units, and the units left over go to the
  /// largest remainders, earlier parts first among equals (the largest-remainder rule, as used for
  /// seats in parliaments; also named after Hamilton).
  ///
  /// The amount must have no more than `scale` digits after the point. Weights are not negative
  /// and not all zero. A negative amount is shared as its magnitude.
  public func apportioned(
    by weights: [ExactDecimal], scale: Int
  ) throws(QuantityError) -> [ExactDecimal] {
    guard let units = units(atScale: scale) else {
      throw .unusableWeights("\(self) has more than \(scale) digits after the point")
    }
    let common = weights.map(\.normalized.scale).max() ?? 0
    var whole: [UInt128] = []
    var sum: UInt128 = 0
    for weight in weights {
      guard !weight.isNegative, let weightUnits = weight.units(atScale: common) else {
        throw .unusableWeights("the weight \(weight) is negative or has too many digits")
      }
      let (next, overflow) = sum.addingReportingOverflow(weightUnits.magnitude)
      if overflow { throw .overflow("the sum of the weights") }
      sum = next
      whole.append(weightUnits.magnitude)
    }
    if sum == 0 { throw .unusableWeights("the weights are none or all zero") }

    var parts: [(quotient: UInt128, remainder: UInt128)] = []
    var given: UInt128 = 0
    for weight in whole {
      let part = sum.dividingFullWidth(units.magnitude.multipliedFullWidth(by: weight))
      given += part.quotient
      parts.append(part)
    }
    let byRemainder = parts.indices.sorted {
      (parts[$0].remainder, parts.count - $0) > (parts[$1].remainder, parts.count - $1)
    }
    for index in byRemainder.prefix(Int(units.magnitude - given)) { parts[index].quotient += 1 }
    // No part is more than the whole, so the bits of each hold its sign too.
    return parts.map { part in
      let bits = units < 0 ? 0 &- part.quotient : part.quotient
      return ExactDecimal(coefficient: Int128(bitPattern: bits), scale: scale)
    }
  }
}
