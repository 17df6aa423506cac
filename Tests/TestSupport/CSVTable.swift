import Banyan
import Exchange
import LibPQ

/// A CSV file or text as rows of values by column.
public struct CSVTable: Sendable {
  /// The headers.
  public let columns: [String]
  /// The rows, in their order.
  public let rows: [[String: String]]

  /// Reads a file, or a sheet of a workbook, which need not be named if there is one; every record must
  /// be sound.
  public init(path: String, sheet: String? = nil) throws {
    try self.init(
      path.hasSuffix(".xlsx") ? CSVReader(workbook: path, sheet: sheet) : CSVReader(path: path))
  }

  /// Reads what a command has printed.
  public init(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text.utf8, to: "table.csv")
    try self.init(path: folder.path + "/table.csv")
  }

  private init(_ reader: CSVReader) throws {
    var rows: [[String: String]] = []
    while let record = try reader.next() {
      if let problem = record.problem {
        throw TestSupportError("line \(record.lineNumber) is bad: \(problem)")
      }
      rows.append(
        Dictionary(
          uniqueKeysWithValues: reader.header.enumerated().map { ($1, record.string($0)) }))
    }
    self.columns = reader.header
    self.rows = rows
  }
}

extension TestDatabase {
  /// Runs a report of the catalogue and returns what its CSV says.
  public func report(_ name: String, _ parameters: [String: String]) async throws -> CSVTable {
    let report = try ReportCatalogue(files: TestServer.installedFiles()).report(named: name)
    let values = try report.values(from: parameters.map { (name: $0.key, value: $0.value) })
    let folder = try TemporaryFolder()
    let path = folder.path + "/report.csv"
    try await withConnection { connection in
      _ = try report.run(values: values, on: connection) { columns in
        try OutputFormat.csv.writer(columns: columns, to: OutputSink(path: path))
      }
    }
    return try CSVTable(path: path)
  }
}
