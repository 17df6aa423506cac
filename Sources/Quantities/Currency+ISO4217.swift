extension Currency {
  /// The currency of a three-letter ISO 4217 code with the digits of its minor unit as the standard
  /// lists them; nil unless the code is three capital letters. A code that the standard does not
  /// list gets two digits.
  public init?(isoCode code: String) {
    self.init(code: code, minorUnitDigits: Self.unusualMinorUnitDigits[code] ?? 2)
  }

  /// The currencies of ISO 4217 whose minor unit does not have two digits.
  private static let unusualMinorUnitDigits: [String: Int] = {
    let codesByDigits = [
      0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
      3: "BHD IQD JOD KWD LYD OMR TND",
      4: "CLF UYW",
    ]
    var digits: [String: Int] = [:]
    for (count, codes) in codesByDigits {
      for code in codes.split(separator: " ") { digits[String(code)] = count }
    }
    return digits
  }()
}
