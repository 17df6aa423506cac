import LibPQ

extension Connection {
  /// Carries out what somebody ordered: the refusal of a rule becomes its sentence, and so does a client
  /// or a person who is not on record.
  ///
  /// - Throws: ``BanyanError`` with wrong data where the database refuses; otherwise what the body throws.
  func ordering<Result>(_ body: (isolated Connection) throws -> Result) throws -> Result {
    do {
      return try explainingRefusals(body)
    } catch let error as PostgresError
      where error.kind == .server && ["P0002", "21000"].contains(error.sqlState?.rawValue)
    {
      let advice = error.hint.map { "; " + $0.prefix(1).lowercased() + $0.dropFirst() } ?? ""
      throw BanyanError.data(
        error.message + (advice.hasSuffix(".") ? String(advice.dropLast()) : advice))
    }
  }
}
