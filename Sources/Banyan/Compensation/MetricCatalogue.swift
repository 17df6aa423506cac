import LibPQ

/// The metrics that can be measured, and so the only ones that plans and targets may name: those that the
/// platform makes of accounts, loans and people, and the free ones that facts are booked under.
public struct MetricCatalogue: Sendable {
  /// The free metrics that every bank begins with; SQL/schema/0031-facts.sql puts them on record.
  static let standardFree: Set = ["sales_amount", "sales_count", "fee_income"]

  /// Names of the free metrics.
  let free: Set<String>

  /// All names.
  var names: Set<String> {
    free.union(CreditMetric.allCases.map(\.planName)).union(PayInputs.personMetrics)
  }

  /// What every bank has, and more free metrics of one.
  public init(adding free: [String] = []) {
    self.free = Self.standardFree.union(free)
  }

  /// Reads the catalogue of a bank.
  init(on connection: isolated Connection) throws {
    free = Set(try connection.rows("select code from bank.metric", as: String.self, limit: .max))
  }
}
