import CLibPQ

/// What the server says in an error or a notice, field by field.
public struct ServerReport: Sendable {
  /// The code.
  public internal(set) var sqlState: SQLState?
  /// `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO` or `LOG`, never translated.
  public internal(set) var severity: String?
  /// The primary message.
  public internal(set) var message = ""
  /// A further explanation, which often holds values.
  public internal(set) var detail: String?
  /// A suggestion.
  public internal(set) var hint: String?
  /// Characters from the start of the query text; the first is 1.
  public internal(set) var position: Int?
  /// What the server was doing.
  public internal(set) var context: String?
  /// The schema of the object that this is about.
  public internal(set) var schema: String?
  /// The table that this is about.
  public internal(set) var table: String?
  /// The column that this is about.
  public internal(set) var column: String?
  /// The data type that this is about.
  public internal(set) var dataType: String?
  /// The constraint that this is about.
  public internal(set) var constraint: String?

  /// The function in the server's source that reported it.
  var function: String?

  init() {}

  init(result: OpaquePointer) {
    // The codes are the PG_DIAG_* characters of libpq's header, which Swift does not import.
    func field(_ code: UnicodeScalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    sqlState = field("C").map { SQLState(rawValue: $0) }
    severity = field("V") ?? field("S")
    message = field("M") ?? trimmed(PQresultErrorMessage(result))
    detail = field("D")
    hint = field("H")
    position = field("P").flatMap { Int($0) }
    context = field("W")
    schema = field("s")
    table = field("t")
    column = field("c")
    dataType = field("d")
    constraint = field("n")
    function = field("R")
  }

  /// The place that a context of COPY names: `COPY pages, line 12, column price: "x"`.
  var copyPlace: (line: Int, column: String?)? {
    guard let context else { return nil }
    for entry in context.split(separator: "\n") where entry.hasPrefix("COPY ") {
      guard let line = entry.firstRange(of: ", line ") else { continue }
      let rest = entry[line.upperBound...]
      let digits = rest.prefix { $0.isNumber }
      guard let number = Int(digits) else { continue }
      // Else the text of the line follows, which may hold anything.
      let mark = ", column "
      guard rest[digits.endIndex...].hasPrefix(mark) else { return (number, nil) }
      let name = rest[digits.endIndex...].dropFirst(mark.count)
      // After the name come `: "value"`, `: null input`, or nothing.
      let end = name.firstRange(of: ": ")?.lowerBound ?? name.endIndex
      return (number, String(name[..<end]))
    }
    return nil
  }
}

/// A C text without the line end that libpq puts after its messages; empty for a null pointer.
func trimmed(_ text: UnsafePointer<CChar>?) -> String {
  guard let text else { return "" }
  var result = Substring(String(cString: text))
  while result.last?.isWhitespace == true { result.removeLast() }
  return String(result)
}
