import ArgumentParser
import Banyan
import Exchange

/// `banyan report`: the catalogue.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "List, explain, run and check reports.",
    discussion: """
      A report is one SQL file with a header, in SQL/reports of the installation or in a folder of \
      your own.

      EXAMPLES
        banyan report list
        banyan report show branch-month
        banyan report run branch-month from=2026-01 to=2026-03
      """,
    subcommands: [
      ReportList.self, ReportShow.self, ReportRun.self, ReportCheck.self, ReportPackCommand.self,
    ])
}

/// Which reports there are.
struct CatalogueOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with reports of your own (default: BANYAN_REPORTS).", valueName: "dir"),
    completion: .directory)
  var reports: String?

  func catalogue(_ files: InstalledFiles) throws -> ReportCatalogue {
    try ReportCatalogue(files: files, ownFolder: reports ?? Settings()[.reports]?.text)
  }

  /// Names for the shell to complete; none if the catalogue cannot be read.
  static let completion = CompletionKind.custom { arguments, _, _ in
    let folder = arguments.lastIndex(of: "--reports").flatMap { place in
      arguments.indices.contains(place + 1) ? arguments[place + 1] : nil
    }
    let catalogue = try? ReportCatalogue(
      files: InstalledFiles(), ownFolder: folder ?? Settings()[.reports]?.text)
    return catalogue?.reports.map(\.name) ?? []
  }
}

struct ReportList: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the catalogue: names, titles, and the parameters of each report.",
    discussion: """
      EXAMPLES
        banyan report list
        banyan report list --lang zh
        banyan report list --reports ~/reports
      """)

  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var language: LanguageOptions
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let language = try language.chosen
    let catalogue = try catalogue.catalogue(InstalledFiles())
    let columns = [Column("name"), Column("title"), Column("parameters")]
    try listing.print(columns) { writer in
      for report in catalogue.reports {
        let parameters = report.parameters.map { parameter in
          parameter.name + (parameter.standard.map { "=\($0)" } ?? "=…")
        }
        try writer.write([
          .text(report.name), .text(report.title[language]),
          .text(parameters.joined(separator: " ")),
        ])
      }
    }
    for broken in catalogue.broken { complain(broken.reason) }
    if !catalogue.broken.isEmpty { throw ExitCode.dataErrors }
  }
}

struct ReportShow: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Explain a report: what it says, takes and prints, and for whom it is.",
    discussion: """
      EXAMPLES
        banyan report show branch-month
        banyan report show branch-month --sql > my-reports/my-month.sql
      """)

  @Argument(help: "Name of the report.", completion: CatalogueOptions.completion) var name: String
  @Flag(help: "Print its file instead, to read, copy and change.") var sql = false
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var language: LanguageOptions

  func execute() async throws {
    let catalogue = try catalogue.catalogue(InstalledFiles())
    let report = try catalogue.report(named: name)
    if sql {
      print(try catalogue.text(of: report), terminator: "")
      return
    }
    let language = try language.chosen
    print("\(report.name): \(report.title[language])\n\n\(report.description[language])")
    try showParameters(of: report, language)
    try showColumns(of: report, language)
    if let chart = report.chart {
      let drawn = chart.values.map { report.columns[$0].name }.joined(separator: ", ")
      print("\nCHART\n\(chart.kind) of \(drawn) by \(report.columns[chart.category].name)")
    }
    print(
      "\nFOR\n\(report.roles.isEmpty ? "all who may read what it reads" : report.roles.joined(separator: ", "))"
    )
    if let path = catalogue.paths[report.name] { print("\nFILE\n\(path)") }
    let needed = report.parameters.filter { $0.standard == nil }
      .map { " \($0.name)=\($0.example)" }.joined()
    print("\nEXAMPLE\nbanyan report run \(report.name)\(needed)")
  }

  private func showParameters(of report: Report, _ language: Language) throws {
    if report.parameters.isEmpty { return }
    print("\nPARAMETERS")
    try table(["name", "type", "default", "meaning"]) { writer in
      for parameter in report.parameters {
        let choices =
          parameter.choices.isEmpty ? "" : " (\(parameter.choices.joined(separator: ", ")))"
        try writer.write(
          [
            parameter.name, parameter.type.rawValue, parameter.standard ?? "must be given",
            parameter.description[language] + choices,
          ].map { .text($0) })
      }
    }
  }

  private func showColumns(of report: Report, _ language: Language) throws {
    print("\nCOLUMNS")
    try table(["name", "type", "heading", "total"]) { writer in
      for (column, printed) in zip(report.columns, report.printedColumns(in: language)) {
        try writer.write(
          [column.name, "\(column.kind)", printed.title, column.isSummed ? "sum" : ""]
            .map { .text($0) })
      }
    }
  }

  private func table(_ names: [String], _ body: (any TabularWriter) throws -> Void) throws {
    let writer = try OutputFormat.table.writer(
      columns: names.map { Column($0) }, to: OutputSink(path: "-"),
      style: Screen.style(isWide: true))
    try body(writer)
    try writer.finish()
  }
}
