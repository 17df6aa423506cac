import LibPQ

/// Runs statements whose refusal by a rule of the database is an answer for the person who asked,
/// and not a failure: constraints, unknown codes, reversed dates, somebody else at work.
@discardableResult
func refusing<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as PostgresError where error.kind == .server {
    guard let code = error.sqlState?.rawValue, isRefusal(code) else { throw error }
    if code == "55P03" {
      throw BanyanError.data(
        "somebody else is changing the same clients; nothing was changed, try again in a moment")
    }
    var sentence = error.message
    if let detail = error.detail { sentence += " (\(trimmedPoint(detail)))" }
    if let hint = error.hint { sentence += "; \(lowercasedStart(trimmedPoint(hint)))" }
    throw BanyanError.data(sentence)
  }
}

/// Integrity constraints, data exceptions, no or several rows found, and locks not to be had.
private func isRefusal(_ code: String) -> Bool {
  code.hasPrefix("23") || code.hasPrefix("22") || code == "P0002" || code == "21000"
    || code == "55P03"
}

private func trimmedPoint(_ text: String) -> String {
  text.hasSuffix(".") ? String(text.dropLast()) : text
}

private func lowercasedStart(_ text: String) -> String {
  text.prefix(1).lowercased() + text.dropFirst()
}
