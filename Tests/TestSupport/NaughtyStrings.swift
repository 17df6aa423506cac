import Foundation

/// Strings that break programs, from the Big List of Naughty Strings in the shared data; read in place.
public enum NaughtyStrings {
  private static let file = "conformance/blns/blns.base64.json"

  /// Whether the list is here.
  public static let areHere = SharedData.isPresent(file)

  /// All of them that a program can be given as an argument: not empty, and without a zero byte.
  public static func all() throws -> [String] {
    guard let path = SharedData.path(file) else {
      throw TestSupportError(SharedData.reasonToSkip)
    }
    let encoded = try JSONDecoder().decode(
      [String].self, from: Data(contentsOf: URL(filePath: path)))
    let strings = encoded.compactMap { Data(base64Encoded: $0) }
      .compactMap { String(data: $0, encoding: .utf8) }
    return strings.filter { !$0.isEmpty && !$0.utf8.contains(0) } + own
  }

  /// What the list lacks: quoting of SQL in all its ways.
  private static let own = [
    "'", "''", "\\", "\\'", "'); drop schema bank cascade; --", "\"; drop schema bank cascade; --",
    "$$; drop schema bank cascade; $$", "E'\\x41'", "$1", ":'name'", "\\(name)", "%s %I %L %%",
    "U&'\\0041'", "/* ", "*/", "-- ", "{}", "{\"a\",NULL}", "null", "NULL", "\u{FEFF}", "\u{202E}",
  ]
}
