import LibPQ
import Quantities

/// A table as a file of a whole bank holds it: all its rows in the order of their key, in a text that is the
/// same on every server.
struct BankTable: Sendable {
  /// What its rows are.
  struct Contents: Hashable, Sendable {
    var rows = 0
    /// SHA-256 of the text, in hexadecimal digits.
    var digest = ""
    /// The sums of the columns of exact decimals that have any value.
    var sums: [String: ExactDecimal] = [:]
  }

  let schema: String
  private(set) var name: String
  /// Whether its rows stand in partitions.
  let isPartitioned: Bool
  /// The table that it is a partition of.
  private(set) var parent: String?
  private let columns: [String]
  private let key: [String]
  private let textColumns: [String]
  private let decimalColumns: [String]

  /// The name with its schema.
  var label: String { "\(schema).\(name)" }
  /// Where its rows stand in a folder, before any ending of compression.
  var file: String { "tables/\(label).csv" }
  private var identifier: Identifier { Identifier(schema, name) }

  /// All tables of a bank but the record of its schema files, by name.
  static func all(on connection: isolated Connection) throws -> [BankTable] {
    let rows = try connection.rows(
      """
      select n.nspname::text, c.relname::text, c.relkind = 'p', p.relname::text,
        array(select a.attname::text from pg_attribute as a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum),
        array(select a.attname::text from pg_index as x
          cross join lateral unnest(x.indkey) with ordinality as k (number, position)
          join pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.number
          where x.indrelid = c.oid and x.indisprimary order by k.position),
        array(select a.attname::text from pg_attribute as a
          where a.attrelid = c.oid and a.attnum > 0 and a.attcollation <> 0),
        array(select a.attname::text from pg_attribute as a
          where a.attrelid = c.oid and a.attnum > 0 and a.atttypid = 'numeric'::regtype order by a.attnum)
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      left join pg_inherits as i on i.inhrelid = c.oid
      left join pg_class as p on p.oid = i.inhparent
      where n.nspname in ('bank', 'platform') and c.relkind in ('r', 'p') and c.relname <> 'applied_file'
      order by n.nspname::text collate "C", c.relname::text collate "C"
      """,
      as: (String, String, Bool, String?, [String], [String], [String], [String]).self)
    return rows.map { row in
      BankTable(
        schema: row.0, name: row.1, isPartitioned: row.2, parent: row.3, columns: row.4, key: row.5,
        textColumns: row.6, decimalColumns: row.7)
    }
  }

  /// The part of a month of this table, which bears the month in its name, if a label names one.
  func part(labelled label: String) -> (table: BankTable, month: Month)? {
    guard isPartitioned, label.hasPrefix(self.label + "_") else { return nil }
    let text = String(label.dropFirst(self.label.count + 1))
    guard let month = Month(text.replacing("_", with: "-")), text.count == 7 else { return nil }
    var table = self
    table.name = "\(name)_\(text)"
    table.parent = name
    return (table, month)
  }

  /// The names of tables as a statement lists them.
  static func list(_ tables: [BankTable]) -> Query {
    let names = tables.map { table -> Query in "\(identifier: table.identifier)" }
    return names.dropFirst().reduce(names[0]) { "\(query: $0), \(query: $1)" }
  }

  // MARK: - Rows

  /// Makes the session write every value as every other session does, and leave out no row silently.
  static func settleText(on connection: isolated Connection) throws {
    try connection.execute(
      """
      select set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true),
        set_config('bytea_output', 'hex', true), set_config('intervalstyle', 'postgres', true),
        set_config('extra_float_digits', '1', true), set_config('row_security', 'off', true)
      """)
  }

  /// Lends the text of all rows, and says what they are.
  func read(
    on connection: isolated Connection, progress: ImportObserver,
    _ take: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws -> Contents {
    var contents = Contents()
    let digest = Digest()
    var bytes = 0
    var lines = 0
    contents.rows = try connection.copyOut(
      """
      copy (select \(query: list(columns)) from \(identifier: identifier) order by \(query: order))
      to stdout with (format csv, header)
      """
    ) { line in
      digest.update(line)
      try take(line)
      bytes += line.count
      lines += 1
      if lines % ImportProgress.step == 0 {
        try Task.checkCancellation()
        progress(.advanced(rows: lines, bytes: bytes))
      }
    }
    contents.digest = hexadecimal(digest.finish())
    contents.sums = try sums(on: connection)
    return contents
  }

  private func sums(on connection: isolated Connection) throws -> [String: ExactDecimal] {
    if decimalColumns.isEmpty { return [:] }
    var terms: Query = "sum(\(identifier: decimalColumns[0]))::text"
    for column in decimalColumns.dropFirst() {
      terms = "\(query: terms), sum(\(identifier: column))::text"
    }
    let values = try connection.value(
      "select array[\(query: terms)] from \(identifier: identifier)", as: [String?].self)
    var sums: [String: ExactDecimal] = [:]
    for (column, value) in zip(decimalColumns, values) {
      sums[column] = value.flatMap { ExactDecimal($0) }
    }
    return sums
  }

  /// Takes rows in, whose columns must be those of the table.
  func write(
    on connection: isolated Connection, _ body: (inout CopyWriter) throws -> Void
  ) throws {
    try connection.copyIn(
      """
      copy \(identifier: identifier) (\(query: list(columns)))
      from stdin with (format csv, header match, freeze)
      """, body)
  }

  private func list(_ names: [String]) -> Query {
    names.dropFirst().reduce("\(identifier: names[0])") { "\(query: $0), \(identifier: $1)" }
  }

  /// The order of the key, by bytes where the rules of a language could differ from server to server.
  private var order: Query {
    let terms = key.map { name -> Query in
      textColumns.contains(name)
        ? "\(identifier: name) collate \"C\"" : "\(identifier: name)"
    }
    return terms.dropFirst().reduce(terms[0]) { "\(query: $0), \(query: $1)" }
  }
}
