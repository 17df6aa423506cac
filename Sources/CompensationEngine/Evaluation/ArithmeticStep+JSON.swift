import Quantities

extension PayLine {
  /// The arithmetic as a JSON array of steps, each with purpose, subject, range, terms and result,
  /// all numbers as strings. It is what a JSON encoder makes of ``arithmetic`` and can be decoded
  /// as such, but the order of the keys is fixed, so that the same line always gives the same bytes.
  public var arithmeticJSON: String {
    var text = "["
    for (position, step) in arithmetic.enumerated() {
      if position > 0 { text += "," }
      step.append(to: &text)
    }
    return text + "]"
  }
}

extension ArithmeticStep {
  fileprivate func append(to text: inout String) {
    text += #"{"purpose":""#
    text += purpose.rawValue
    text += #"","subject":"#
    appendJSONString(subject, to: &text)
    if let range {
      text += #","range":{"from":""#
      text += range.from.description
      if let upTo = range.upTo {
        text += #"","upTo":""#
        text += upTo.description
      }
      text += #""}"#
    }
    text += #","terms":["#
    for (position, term) in terms.enumerated() {
      if position > 0 { text += "," }
      text += #"{"operation":""#
      text += term.operation.rawValue
      text += #"","value":""#
      text += term.value.description
      if let unit = term.unit {
        text += #"","unit":""#
        text += unit.rawValue
      }
      text += #""}"#
    }
    text += #"],"result":""#
    text += result.description
    text += #""}"#
  }
}

/// Appends a text in quotes, with what JSON does not allow in them escaped.
func appendJSONString(_ string: String, to text: inout String) {
  text += "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  text += "\""
}
