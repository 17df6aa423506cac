import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan export`: rows of the database into files.
struct ExportCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write a dataset, table, view, report or query into a file, or the whole bank into a folder.",
    discussion: """
      The ending of the file says the format: .csv, .tsv, .json, .jsonl or .xlsx, and .gz or .zst behind it \
      compresses. Amounts keep every digit. The file appears when it is complete; its rows and SHA-256 are \
      printed and recorded in the audit trail.

      EXAMPLES
        banyan export accounts -o accounts.csv.gz
        banyan export branch-month from=2026-01 to=2026-03 -o months.xlsx
        banyan export --query "select * from bank.account where opened_on >= '2026-01-01'" -o new.jsonl
        banyan export clients -o clients.csv --split-by branch_code --encoding gb18030
        banyan export --all /mnt/move/bank --compress zst
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Name of a dataset, a table, a view or a report.") var name: String?
  @Argument(help: "Parameters of a report, as name=value.") var parameters: [String] = []
  @Option(help: ArgumentHelp("A query to export instead.", valueName: "sql")) var query: String?
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.") var output = "-"
  @Option(help: "csv, tsv, json, jsonl or xlsx (default: what the file's name says, or csv).")
  var format: OutputFormat?
  @Option(help: "gz or zst (default: what the file's name says).") var compress: Compression?
  @Option(help: "Encoding of csv and tsv, such as gb18030.") var encoding: TextEncoding = .utf8
  @Flag(help: "Begin csv or tsv with a byte order mark, by which Excel knows UTF-8.") var bom =
    false
  @Flag(help: "Put ' before texts of csv and tsv that a spreadsheet would take for formulas.")
  var safe = false
  @Option(help: "Write a file for each value of a column.") var splitBy: String?
  @Option(
    help: ArgumentHelp(
      "Folder to write the whole bank into, for `banyan import` on another server.",
      valueName: "dir"))
  var all: String?
  @Flag(help: "Say nothing while the whole bank is written.") var quiet = false

  func validate() throws {
    guard all != nil else { return }
    let isOtherwise =
      name != nil || query != nil || output != "-" || format != nil || encoding != .utf8 || bom
      || safe || splitBy != nil
    if isOtherwise {
      throw ValidationError(
        "--all writes every table as it is; beside it stand --compress and --quiet alone.")
    }
  }

  func execute() async throws {
    if let all { return try await writeWholeBank(into: all) }
    let target = try ExportTarget(
      path: output, format: format, compression: compress, encoding: encoding, byteOrderMark: bom,
      defusesFormulas: safe)
    guard (name == nil) != (query == nil) else {
      throw BanyanError.usage(
        "name what to export: a dataset, table, view or report, or else a --query")
    }
    let files = try InstalledFiles()
    let catalogue = try ReportCatalogue(files: files)
    let values = try reportParameters(parameters)
    let connection = try await database.connectToPlatform(files: files)
    let (name, query, splitBy) = (name, query, splitBy)
    let written = try await Interruption.stopping {
      try await connection.withConnection { @Sendable connection in
        let subject =
          if let query {
            ExportSubject.query(query)
          } else {
            try ExportSubject.named(
              name ?? "", parameters: values, in: catalogue, on: connection)
          }
        return try Export(subject, to: target, splitColumn: splitBy).run(on: connection)
      }
    }
    for file in written {
      let place = file.path == "-" ? "on standard output" : "in \(file.path)"
      tell(
        "\(file.rows) row\(file.rows == 1 ? "" : "s") \(place), \(file.byteCount) bytes, SHA-256 \(hexadecimal(file.digest))"
      )
    }
    if written.isEmpty { tell("0 rows, so no file") }
  }

  private func writeWholeBank(into folder: String) async throws {
    let files = try InstalledFiles()
    let export = try WholeBankExport(folder: folder, compression: compress)
    let connection = try await database.connectToPlatform(files: files)
    let meter = ProgressMeter(isQuiet: quiet)
    do {
      let bank = try await Interruption.stopping {
        try await connection.withConnection { @Sendable connection in
          try export.run(on: connection, files: files) { meter.show($0) }
        }
      }
      meter.finish()
      tell(
        "\(bank.rows) rows of \(bank.tables) tables in \(folder), SHA-256 of the bank \(bank.digest), audit trail up to \(bank.trail)"
      )
    } catch is Interruption {
      meter.finish()
      tell("banyan: interrupted; no folder was written")
      throw ExitCode.interrupted
    }
  }
}

extension Compression: ExpressibleByArgument {}

extension TextEncoding: ExpressibleByArgument {
  /// Reads a name as people write it.
  public init?(argument: String) { self.init(name: argument) }
}

/// The parameters of a report, from `name=value`.
func reportParameters(_ texts: [String]) throws -> [(name: String, value: String)] {
  try texts.map { text in
    guard let equals = text.firstIndex(of: "=") else {
      throw BanyanError.usage("“\(text)” is not a parameter; write it as name=value")
    }
    return (name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
  }
}
