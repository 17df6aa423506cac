/// Whether and when statements are prepared on the server, which saves it parsing and planning them
/// again.
public enum PreparedStatements: Hashable, Sendable {
  /// Never: for poolers between program and server that hand out another server session for each
  /// transaction, such as PgBouncer without its support for prepared statements. Then the server is
  /// not told of deadlines either, for that, too, is a setting of the session.
  case off
  /// On the so-manieth use of the same text, keeping at most so many statements on the server.
  case onUse(Int, limit: Int)

  /// On the fifth use, at most 128.
  public static let automatic = PreparedStatements.onUse(5, limit: 128)
}

/// Which statements of a session are prepared, by text and parameter types; the least recently used
/// makes room. It only keeps the books: the session prepares and deallocates.
struct StatementCache {
  /// How a query is to be sent.
  enum Decision: Equatable {
    /// As text.
    case plain
    /// Prepare it under the name first, then send the name.
    case prepare(String)
    /// Send the name.
    case prepared(String)
  }

  private struct Key: Hashable {
    let text: String
    let types: [PostgresType]
    /// The names of types that a query names, whose object ids may change.
    let names: [Identifier]
  }

  private struct Entry {
    var uses = 0
    var name: String?
    var lastUse = 0
  }

  private let policy: PreparedStatements
  private var entries: [Key: Entry] = [:]
  private var clock = 0
  private var lastName = 0
  /// Names that the server still knows and nobody uses any more.
  private(set) var abandonedNames: [String] = []

  /// Whether nothing is ever prepared, as a pooler between program and server wants it.
  var isOff: Bool { policy == .off }

  init(_ policy: PreparedStatements) {
    self.policy = policy
  }

  /// Counts a use of a query and decides how it is sent.
  mutating func use(_ query: Query) -> Decision {
    guard case .onUse(let threshold, let limit) = policy, limit > 0 else { return .plain }
    let key = key(of: query)
    clock += 1
    if let index = entries.index(forKey: key) {
      entries.values[index].uses += 1
      entries.values[index].lastUse = clock
      if let name = entries.values[index].name { return .prepared(name) }
      return entries.values[index].uses < threshold ? .plain : .prepare(newName())
    }
    if entries.count >= limit { makeRoom() }
    entries[key] = Entry(uses: 1, name: nil, lastUse: clock)
    return threshold <= 1 ? .prepare(newName()) : .plain
  }

  /// Notes that the server has prepared a query.
  mutating func notePrepared(_ query: Query, as name: String) {
    entries[key(of: query)]?.name = name
  }

  /// Forgets a query whose plan the server called stale.
  mutating func forget(_ query: Query) {
    if let name = entries.removeValue(forKey: key(of: query))?.name { abandonedNames.append(name) }
  }

  /// Forgets all, because definitions have changed under them.
  mutating func forgetAll() {
    abandonedNames += entries.values.compactMap(\.name)
    entries.removeAll(keepingCapacity: true)
  }

  /// Hands over the names to deallocate.
  mutating func takeAbandonedNames() -> [String] {
    defer { abandonedNames = [] }
    return abandonedNames
  }

  private mutating func makeRoom() {
    guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
    if let name = oldest.value.name { abandonedNames.append(name) }
    entries[oldest.key] = nil
  }

  private mutating func newName() -> String {
    lastName += 1
    return "libpq_\(lastName)"
  }

  private func key(of query: Query) -> Key {
    Key(
      text: query.text, types: query.parameters.map { $0.named == nil ? $0.type : .unspecified },
      names: query.parameters.compactMap(\.named?.name))
  }
}
