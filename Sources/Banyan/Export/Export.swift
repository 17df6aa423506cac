import Exchange
import LibPQ
import Synchronization

/// Writes rows of the database into files, in memory that does not grow with them, under the rights of
/// the login that asks. Files appear when all of them are complete.
public struct Export: Sendable {
  /// A file that was written.
  public struct File: Sendable {
    /// Its path; `-` for standard output.
    public let path: String
    /// How many rows it holds.
    public let rows: Int
    /// How many bytes.
    public let byteCount: Int
    /// The SHA-256 of its bytes.
    public let digest: [UInt8]
  }

  private let subject: ExportSubject
  private let target: ExportTarget
  private let splitColumn: String?

  /// An export of a subject into a file, or with `splitColumn` into a file for each value of a column.
  public init(_ subject: ExportSubject, to target: ExportTarget, splitColumn: String? = nil) throws
  {
    if splitColumn != nil, target.path == "-" {
      throw BanyanError.usage("--split-by writes several files; name them with -o FILE")
    }
    if splitColumn != nil, case .report = subject {
      throw BanyanError.usage(
        "--split-by is for datasets, tables, views and queries; give the report a parameter instead"
      )
    }
    self.subject = subject
    self.target = target
    self.splitColumn = splitColumn
  }

  /// Records the export in the audit trail, writes the files, and records what was written.
  public func run(on connection: isolated Connection) throws -> [File] {
    var detail = ["format": target.format.rawValue, "file": target.path]
    switch subject {
    case .report(_, let values):
      detail["parameters"] = values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        .joined(separator: " ")
    case .query(let text): detail["query"] = text
    case .dataset, .table: break
    }
    detail["split_by"] = splitColumn
    try AuditTrail.recordReading(of: subject.label, isExport: true, detail: detail, on: connection)
    let files: [File]
    if case .report(let report, let values) = subject {
      files = [try write(report, values, on: connection)]
    } else {
      files = try connection.transaction(readOnly: true) { connection in
        do {
          return try copy(on: connection)
        } catch let error as PostgresError where isFault(of: error) {
          throw BanyanError.usage("the query cannot be run: \(error.message)")
        }
      }
    }
    for file in files {
      try AuditTrail.recordReading(
        of: subject.label, isExport: true, rowCount: file.rows,
        detail: ["file": file.path, "sha256": hexadecimal(file.digest)], on: connection)
    }
    return files
  }

  // MARK: - Reports

  private func write(
    _ report: Report, _ values: [String: String], on connection: isolated Connection
  ) throws -> File {
    let target = target
    let written = Mutex<File?>(nil)
    try report.run(values: values, on: connection) { columns in
      let output = try ExportOutput(at: target.path, target) { file in
        written.withLock { $0 = file }
      }
      try output.begin(columns.map { Column($0.name, $0.kind) })
      return output
    }
    guard let file = written.withLock({ $0 }) else {
      throw BanyanError.failure("the report \(report.name) was not written to its end")
    }
    return file
  }

  // MARK: - Queries

  private func copy(on connection: isolated Connection) throws -> [File] {
    guard let query = try subject.query() else { return [] }
    try connection.execute(
      "select set_config('datestyle', 'ISO, YMD', true), set_config('bytea_output', 'hex', true)")
    let columns = try self.columns(of: query, on: connection)
    let split = try splitColumn.map { try place(of: $0, in: columns) }
    var rows = query
    if let split {
      rows =
        "select s.* from (\(query: query)) as s order by s.\(identifier: columns[split].name)"
    }
    let decoder = CopyTextDecoder(columns: columns.count)
    var finished: [ExportOutput] = []
    var output: ExportOutput?
    try connection.copyOut("copy (\(query: rows)) to stdout") { line in
      guard let row = decoder.row(line) else {
        throw BanyanError.failure("the server sent a row that has not \(columns.count) values")
      }
      if let split, let present = output, !present.holds(row.fields[split]) {
        try present.finish()
        finished.append(present)
        output = nil
      }
      if output == nil {
        output = try begin(columns, split.map { row.fields[$0] })
      }
      try output?.write(row)
    }
    // A file without rows still has its columns.
    if output == nil, split == nil { output = try begin(columns, nil) }
    if let output {
      try output.finish()
      finished.append(output)
    }
    for output in finished { try output.publish() }
    return finished.map(\.file)
  }

  private func begin(_ columns: [Column], _ value: TextRow.Field?) throws -> ExportOutput {
    guard let value else {
      let output = try ExportOutput(at: target.path, target)
      try output.begin(columns)
      return output
    }
    let text = value.map { Array($0) }
    let path = target.path(for: text.map { String(decoding: $0, as: UTF8.self) })
    let output = try ExportOutput(at: path, target, value: text)
    try output.begin(columns)
    return output
  }

  /// The columns of a query, which the server finds without carrying it out. It must be one statement
  /// by itself, so that nothing of it is taken for a part of ours.
  private func columns(of query: Query, on connection: isolated Connection) throws -> [Column] {
    let described = try connection.describe(query)
    if described.isEmpty {
      throw BanyanError.usage("the query gives no rows; write a select")
    }
    if target.format != .csv, target.format != .tsv, target.format != .xlsx,
      let twice = Dictionary(grouping: described, by: \.name).first(where: { $0.value.count > 1 })
    {
      throw BanyanError.usage(
        "the query has the column “\(twice.key)” twice; JSON needs names that differ: write `as NAME`"
      )
    }
    return described.map { Column($0.name, ColumnKind($0.type)) }
  }

  /// Whether the query that was asked for is to blame.
  private func isFault(of error: PostgresError) -> Bool {
    guard case .query = subject else { return false }
    return error.kind == .server && !error.poisonsConnection
      && error.sqlState != .insufficientPrivilege
  }

  private func place(of name: String, in columns: [Column]) throws -> Int {
    let places = columns.indices.filter { columns[$0].name == name }
    guard let place = places.first, places.count == 1 else {
      throw BanyanError.usage(
        "there is \(places.isEmpty ? "no column" : "more than one column") “\(name)” to split by; the columns are \(columns.map(\.name).joined(separator: ", "))"
      )
    }
    return place
  }
}

extension ColumnKind {
  /// What the values of a type of PostgreSQL are; everything that is nothing else is text.
  fileprivate init(_ type: PostgresType) {
    self =
      switch type.oid {
      case 20, 21, 23, 26: .integer
      case 1700: .amount
      case 1082: .date
      case 16: .boolean
      case 114, 3802: .json
      default: .text
      }
  }
}
