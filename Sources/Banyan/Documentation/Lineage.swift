import Exchange
import LibPQ

/// Where the values of one column of a dataset go.
struct Lineage: Sendable {
  let dataset: String
  let column: String
  /// What files may call it.
  let headings: [String]
  /// Columns of tables, each with its schema and table.
  let stored: [String]
  /// Views of the reporting schema that are made of one of these.
  let views: [String]
  /// Reports that read one of these, in their own text or through a view or a function.
  let reports: [String]

  static let title = "From file to report"
  static let meaning =
    "Each column of a dataset: what files may call it, the columns of tables that hold it, and the views and reports that are made of these. A report counts where its SQL, or a function that it calls, names the table and the column, or a roll-up or a view that is made of them."
  static let columns = [
    Column("dataset"), Column("column"), Column("headings"), Column("table column"),
    Column("views"), Column("reports"),
  ]

  /// Tables that are kept as sums of others by every load, with the columns that go into them.
  private static let rollUps: [(table: String, columns: Set<String>, sums: String)] = [
    (
      "bank.transaction", ["branch_id", "account_id", "booked_on", "direction", "amount"],
      "bank.account_month"
    ),
    (
      "bank.account_balance", ["branch_id", "account_id", "balanced_on", "balance"],
      "bank.account_month"
    ),
    (
      "bank.fact", ["branch_id", "booked_on", "metric_id", "product_id", "employee_id", "amount"],
      "bank.fact_month"
    ),
  ]

  var row: [Cell] {
    [
      .text(dataset), .text(column), .text(headings.joined(separator: ", ")),
      .text(stored.joined(separator: ", ")), .text(views.joined(separator: ", ")),
      .text(reports.joined(separator: ", ")),
    ]
  }

  // MARK: - Finding out

  /// The lineage of every column of every dataset.
  static func all(
    files: InstalledFiles, _ relations: [DataDictionary.Relation],
    on connection: isolated Connection
  ) throws -> [Lineage] {
    let known = Set(relations.flatMap { table in table.columns.map { "\(table.name).\($0.name)" } })
    let readings = try Readings(files: files, on: connection)
    let standard = try StandardMappings(files: files)
    return try Dataset.standard.flatMap { dataset in
      let mapping = try standard.mapping(of: dataset.name)
      return dataset.columns.map { column in
        let stored = column.stagingColumns.map { "bank.\(dataset.table).\($0.name)" }
          .filter(known.contains)
        return Lineage(
          dataset: dataset.name, column: column.name,
          headings: mapping.columns.first { $0.target.name == column.name }?.headings ?? [],
          stored: stored, views: readings.views(of: stored), reports: readings.reports(of: stored))
      }
    }
  }

  /// What views and reports are made of.
  private struct Readings {
    /// The columns of tables that each view is made of.
    private var columnsOfViews: [String: Set<String>] = [:]
    /// The names in each report and in the functions that it calls, as they are written and part by part.
    private var wordsOfReports: [(name: String, words: Set<Substring>)] = []

    init(files: InstalledFiles, on connection: isolated Connection) throws {
      var parts: [String: Set<String>] = [:]
      try connection.forEachRow(
        """
        select distinct v.relnamespace::regnamespace || '.' || v.relname,
          t.relnamespace::regnamespace || '.' || t.relname, a.attname::text, t.relkind = 'v'
        from pg_depend as d
        join pg_rewrite as r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
        join pg_class as v on v.oid = r.ev_class
        join pg_class as t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass and t.oid <> v.oid
        left join pg_attribute as a on a.attrelid = t.oid and a.attnum = d.refobjsubid and a.attnum > 0
        where v.relnamespace in ('report'::regnamespace, 'bank'::regnamespace)
        """, as: (String, String, String?, Bool).self
      ) { view, relation, column, isView in
        if isView { parts[view, default: []].insert(relation) }
        if let column { columnsOfViews[view, default: []].insert("\(relation).\(column)") }
      }
      for view in Array(columnsOfViews.keys) {
        // Views are made of views too.
        var (open, seen) = (parts[view] ?? [], Set<String>())
        while let other = open.popFirst() {
          guard seen.insert(other).inserted else { continue }
          columnsOfViews[view, default: []].formUnion(columnsOfViews[other] ?? [])
          open.formUnion(parts[other] ?? [])
        }
      }
      let bodies = Dictionary(
        try connection.rows(
          "select 'bank.' || p.proname, p.prosrc from pg_proc as p where p.pronamespace = 'bank'::regnamespace",
          as: (String, String).self, limit: .max
        ).map { (Substring($0), Self.words(of: $1)) }, uniquingKeysWith: { $0.union($1) })
      for report in try ReportCatalogue(files: files).reports {
        var words = Self.words(of: report.sql)
        var open = words
        while let word = open.popFirst() {
          guard let more = bodies[word] else { continue }
          open.formUnion(more.subtracting(words))
          words.formUnion(more)
        }
        wordsOfReports.append((report.name, words))
      }
    }

    func views(of columns: [String]) -> [String] {
      let sums = Self.rollUps(of: columns)
      return columnsOfViews.filter { view, parts in
        view.hasPrefix("report.")
          && (!parts.isDisjoint(with: columns)
            || parts.contains { part in sums.contains { part.hasPrefix($0 + ".") } })
      }.map(\.key).sorted()
    }

    func reports(of columns: [String]) -> [String] {
      let sources = views(of: columns).map { $0[...] } + Self.rollUps(of: columns)
      return wordsOfReports.filter { report in
        sources.contains(where: report.words.contains)
          || columns.contains { column in
            guard let dot = column.lastIndex(of: ".") else { return false }
            return report.words.contains(column[..<dot])
              && report.words.contains(column[dot...].dropFirst())
          }
      }.map(\.name)
    }

    /// The roll-ups that some columns go into.
    private static func rollUps(of columns: [String]) -> [Substring] {
      Lineage.rollUps.filter { rollUp in
        rollUp.columns.contains { columns.contains("\(rollUp.table).\($0)") }
      }.map { $0.sums[...] }
    }

    private static func words(of sql: String) -> Set<Substring> {
      let names = sql.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
      return Set(names + names.flatMap { $0.split(separator: ".") })
    }
  }
}
