import ArgumentParser
import Banyan
import Exchange
import LibPQ

struct ReportRun: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a report.",
    discussion: """
      The report reads only, under the rights of your login, for at most ten minutes. On a screen a \
      table is cut to its width and shown page by page; --wide and --no-pager undo that.

      EXAMPLES
        banyan report run branch-month from=2026-01 to=2026-03
        banyan report run branch-month from=2026-01 to=2026-03 -o months.csv
        banyan report run branch-month from=2026-01 to=2026-03 --lang zh -o months.html
      """)

  @Argument(help: "Name of the report.", completion: CatalogueOptions.completion) var name: String
  @Argument(help: "Parameters, as name=value.", completion: .custom(ReportRun.completions))
  var parameters: [String] = []
  @OptionGroup var printing: PrintingOptions
  @OptionGroup var language: LanguageOptions
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var database: DatabaseOptions

  func execute() async throws {
    let files = try InstalledFiles()
    let report = try catalogue.catalogue(files).report(named: name)
    let values = try report.values(from: try parameters.map(namedValue))
    let language = try language.chosen
    let connection = try await database.connectToPlatform(files: files)
    let destination = printing.destination(language)
    let (format, isForTheEyes) = (printing.chosenFormat, printing.isForTheEyes)
    let given = parameters.joined(separator: " ")
    try await destination.showing {
      let rows = try await connection.withConnection { @Sendable connection in
        if !isForTheEyes {
          try AuditTrail.recordReading(
            of: "report \(report.name)", isExport: true,
            detail: ["parameters": given, "format": "\(format)", "file": destination.path],
            on: connection)
        }
        let notes = report.notes(
          values: values, provenance: try Provenance(of: connection), in: language)
        return try report.run(values: values, language: language, on: connection) { columns in
          try format.writer(
            columns: columns, to: destination.sink(), style: destination.style, notes: notes)
        }
      }
      destination.tell(rows: rows)
    }
  }

  /// Parameters of the report that is being typed, with choices and codes of units, for the shell to
  /// complete.
  @Sendable private static func completions(
    _ arguments: [String], _ index: Int, _ prefix: String
  ) async -> [String] {
    guard let catalogue = try? ReportCatalogue(files: InstalledFiles()),
      let report = catalogue.reports.first(where: { arguments.contains($0.name) })
    else { return [] }
    var words: [String] = []
    for parameter in report.parameters {
      if !parameter.choices.isEmpty {
        words += parameter.choices.map { "\(parameter.name)=\($0)" }
      } else if parameter.type == .unit, prefix.hasPrefix(parameter.name) {
        words += await unitCodes().map { "\(parameter.name)=\($0)" }
      } else {
        words.append(parameter.name + "=")
      }
    }
    return words
  }

  /// Codes of units on the server that the environment names; none if it cannot be asked.
  private static func unitCodes() async -> [String] {
    guard let connection = try? await DatabaseOptions.parse([]).connect() else { return [] }
    let codes = try? await connection.withConnection { @Sendable connection in
      try connection.rows(
        "select code from report.org_unit where closed_on is null order by code", as: String.self)
    }
    return codes ?? []
  }
}

/// A parameter of a report as it is written on the command line.
func namedValue(_ written: String) throws -> (name: String, value: String) {
  guard let equals = written.firstIndex(of: "=") else {
    throw BanyanError.usage("“\(written)” is not a parameter; write it as name=value")
  }
  return (String(written[..<equals]), String(written[written.index(after: equals)...]))
}

struct ReportCheck: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check reports against the server.",
    discussion: """
      Every header is read; every statement is planned by the server, without being carried out, and \
      its columns and types are compared with those that the header declares. The exit code is 3 if a \
      report cannot be used, and 4 with --strict if one only lacks something, such as Chinese.

      EXAMPLES
        banyan report check
        banyan report check --reports ~/reports --strict
        banyan report check branch-month
      """)

  @Argument(help: "Names of the reports; all if none.", completion: CatalogueOptions.completion)
  var names: [String] = []
  @Flag(help: "End with exit code 4 if there are warnings.") var strict = false
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var listing: ListingOptions
  @OptionGroup var database: DatabaseOptions

  func execute() async throws {
    let catalogue = try catalogue.catalogue(InstalledFiles())
    let asked = names.isEmpty ? nil : Set(names)
    for name in names where !catalogue.broken.contains(where: { $0.name == name }) {
      _ = try catalogue.report(named: name)
    }
    let reports = catalogue.reports.filter { asked?.contains($0.name) != false }
    let checked = try await onPlatform(database) { connection in
      try reports.map { (name: $0.name, findings: try $0.findings(on: connection)) }
    }
    let broken = catalogue.broken.filter { asked?.contains($0.name) != false }
      .map { (name: $0.name, findings: [Report.Finding(.error, $0.reason)]) }
    let all = (checked + broken).sorted { $0.name < $1.name }
    try listing.print([Column("report"), Column("state"), Column("finding")]) { writer in
      for (name, findings) in all {
        if findings.isEmpty { try writer.write([.text(name), .text("ok"), .null]) }
        for finding in findings {
          try writer.write([
            .text(name), .text(finding.severity.rawValue), .text(finding.message),
          ])
        }
      }
    }
    let severities = all.flatMap(\.findings).map(\.severity)
    if severities.contains(.error) { throw ExitCode.dataErrors }
    if strict, !severities.isEmpty { throw ExitCode.warnings }
  }
}
