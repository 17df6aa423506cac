/// What is wrong with one record of a delimited file. Fields count from 1 here, as people do.
public enum CSVProblem: Hashable, Sendable, CustomStringConvertible {
  /// The record has fewer or more fields than the header.
  case ragged(expected: Int, found: Int)
  /// A quote opens in this field and never closes.
  case unclosedQuote(field: Int)
  /// Something other than a separator follows a closing quote.
  case textAfterQuote(field: Int)
  /// The record is longer than ``CSVReader/recordLimit`` bytes.
  case tooLong
  /// A byte that has no meaning in the encoding of the file.
  case undecodable(field: Int, byte: UInt8)
  /// A zero byte, which no text holds.
  case zeroByte(field: Int)
  /// What should be an object of JSON is none, for the reason given.
  case notJSON(String)

  /// A clause that completes "the record is bad because".
  public var description: String {
    switch self {
    case .ragged(let expected, let found):
      "it has \(found) field\(found == 1 ? "" : "s") where the header has \(expected)"
    case .unclosedQuote(let field): "the quote that opens field \(field) never closes"
    case .textAfterQuote(let field):
      "text follows the closing quote of field \(field); a quote inside a field must be doubled"
    case .tooLong: "it is longer than \(CSVReader.recordLimit) bytes"
    case .undecodable(let field, let byte):
      "field \(field) holds the byte 0x\(hexadecimal(byte)), which is no text in its encoding"
    case .zeroByte(let field): "field \(field) holds a zero byte"
    case .notJSON(let reason): "it is no sound JSON: \(reason)"
    }
  }
}

/// Two capital hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return byte < 16 ? "0" + digits : digits
}
