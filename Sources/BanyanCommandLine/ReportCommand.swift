import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan report`: the catalogue.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "List and run reports.",
    subcommands: [ReportList.self, ReportRun.self])
}

struct ReportList: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the catalogue: names, titles, and the parameters of each report.",
    discussion: """
      EXAMPLE
        banyan report list
      """)

  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table

  func execute() async throws {
    let catalogue = try ReportCatalogue(files: InstalledFiles())
    let writer = try format.writer(
      columns: [Column("name"), Column("title"), Column("parameters")], to: OutputSink(path: "-"))
    for report in catalogue.reports {
      let parameters = report.parameters.map { parameter in
        parameter.name + (parameter.standard.map { "=\($0)" } ?? "=…")
      }
      try writer.write([
        .text(report.name), .text(report.title), .text(parameters.joined(separator: " ")),
      ])
    }
    try writer.finish()
  }
}

struct ReportRun: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a report.",
    discussion: """
      EXAMPLES
        banyan report run branch-month from=2026-01 to=2026-03
        banyan report run branch-month from=2026-01 to=2026-03 --format csv -o months.csv
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Name of the report.") var name: String
  @Argument(help: "Parameters, as name=value.") var parameters: [String] = []
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.")
  var output = "-"

  func execute() async throws {
    let files = try InstalledFiles()
    let report = try ReportCatalogue(files: files).report(named: name)
    let values = try report.values(
      from: try parameters.map { parameter in
        guard let equals = parameter.firstIndex(of: "=") else {
          throw BanyanError.usage("“\(parameter)” is not a parameter; write it as name=value")
        }
        return (
          name: String(parameter[..<equals]),
          value: String(parameter[parameter.index(after: equals)...])
        )
      })
    let connection = try await database.connectToPlatform(files: files)
    let (format, output, name, parameters) = (format, output, name, parameters)
    let rows = try await connection.withConnection { @Sendable connection in
      if format != .table || output != "-" {
        try AuditTrail.recordReading(
          of: "report \(name)", isExport: true,
          detail: [
            "parameters": parameters.joined(separator: " "), "format": "\(format)",
            "file": output,
          ], on: connection)
      }
      return try report.run(values: values, on: connection) { columns in
        try format.writer(
          columns: columns.map { Column(format == .table ? $0.title : $0.name, $0.kind) },
          to: OutputSink(path: output))
      }
    }
    if output != "-" { tell("\(rows) rows in \(output)") }
  }
}
