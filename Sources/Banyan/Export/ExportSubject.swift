import Documents
import Exchange
import LibPQ

/// What an export writes.
public enum ExportSubject: Sendable {
  /// The rows of a dataset that count, with its columns.
  case dataset(Dataset)
  /// All rows and columns of a table or view.
  case table(schema: String, name: String)
  /// A report of the catalogue with the values of its parameters.
  case report(Report, values: [String: String])
  /// What a query gives.
  case query(String)

  /// What the audit trail calls it.
  var label: String {
    switch self {
    case .dataset(let dataset): "dataset \(dataset.name)"
    case .table(let schema, let name): "table \(schema).\(name)"
    case .report(let report, _): "report \(report.name)"
    case .query: "query"
    }
  }

  /// The query; nil for a report, which runs in its own way.
  func query() throws -> Query? {
    switch self {
    case .dataset(let dataset):
      if let reason = dataset.reasonAgainstExport { throw BanyanError.usage(reason) }
      return dataset.exportQuery
    case .table(let schema, let name): return "select * from \(identifier: schema, name)"
    case .report: return nil
    case .query(let text):
      // A line end, for the text may end with a comment.
      return Query(unsafeSQL: text + "\n")
    }
  }

  /// Finds what a name means: a dataset, or else a table or view, or else a report.
  ///
  /// - Parameters:
  ///   - name: The name; of a table with its schema, unless that is `bank`.
  ///   - parameters: Values for the parameters of a report.
  /// - Throws: ``BanyanError`` that names the nearest one.
  public static func named(
    _ name: String, parameters: [(name: String, value: String)], in catalogue: ReportCatalogue,
    on connection: isolated Connection
  ) throws -> ExportSubject {
    if let report = catalogue.reports.first(where: { $0.name == name }) {
      return .report(report, values: try report.values(from: parameters))
    }
    if let parameter = parameters.first {
      throw BanyanError.usage(
        "\(parameter.name)=\(parameter.value) is a parameter, and “\(name)” is no report; leave it out, or write --query"
      )
    }
    if let dataset = Dataset.named(name) { return .dataset(dataset) }
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let schema = parts.count == 2 ? parts[0] : "bank"
    let relations = try connection.rows(
      """
      select n.nspname::text, c.relname::text
      from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
      order by 1, 2
      """, as: (String, String).self)
    if parts.count > 0,
      let found = relations.first(where: { $0.0 == schema && $0.1 == parts[parts.count - 1] })
    {
      return .table(schema: found.0, name: found.1)
    }
    let known =
      Dataset.standard.map(\.name) + catalogue.reports.map(\.name)
      + relations.map { $0.0 == "bank" ? $0.1 : $0.0 + "." + $0.1 }
    let hint =
      nearestName(to: name, among: known).map { "did you mean \($0)?" }
      ?? "docs/export.md says what there is"
    throw BanyanError.usage("there is no dataset, table, view or report “\(name)”; \(hint)")
  }
}
