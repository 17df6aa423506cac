import CLibPQ

/// Why a server refused a connection or could not be reached. libpq gives no fields for that, only
/// a text; in its verbose form the text holds the server's code: `FATAL:  28P01: password …`.
struct ConnectingFailure {
  private(set) var sqlState: SQLState?
  private(set) var severity: String?
  /// The text on one line, without code and place in the server's source.
  let reason: String

  /// Reads libpq's text, which has a part for each host that was tried; the last code counts.
  init(verbose text: String) {
    var parts: [String] = []
    for line in text.split(separator: "\n") {
      var line = String(line.drop(while: \.isWhitespace))
      if line.hasPrefix("LOCATION:") { continue }
      if let (code, range) = Self.code(in: line) {
        sqlState = SQLState(rawValue: code)
        let words = line[..<range.lowerBound].dropLast(3)
        severity = words.split(separator: " ").last.map(String.init)
        line.replaceSubrange(
          line.index(range.lowerBound, offsetBy: -2)..<range.upperBound, with: " ")
      }
      parts.append(line)
    }
    reason = parts.joined(separator: "; ")
  }

  /// What to look at, where libpq's text leaves the cause open.
  var hint: String? {
    guard reason.contains("certificate verify failed") else { return nil }
    return "the certificate comes from an authority that sslrootcert does not hold, or has expired"
  }

  /// Finds the five characters between `:  ` and `: `.
  private static func code(in line: String) -> (code: String, range: Range<String.Index>)? {
    for start in line.ranges(of: ":  ") {
      let code = line[start.upperBound...].prefix(5)
      let isCode = code.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
      if code.count == 5, isCode, line[code.endIndex...].hasPrefix(": ") {
        return (String(code), code.startIndex..<line.index(code.endIndex, offsetBy: 2))
      }
    }
    return nil
  }
}
