extension ExactDecimal {
  /// The number as people read it, with a comma after each group of three digits: `-1,234,567.50`.
  public var grouped: String {
    let plain = description
    let sign = plain.hasPrefix("-") ? "-" : ""
    let digits = plain.dropFirst(sign.count)
    let whole = digits.prefix { $0 != "." }
    var text = sign
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text + digits.dropFirst(whole.count)
  }
}
