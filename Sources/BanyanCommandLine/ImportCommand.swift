import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan import`: takes a folder of files in.
struct ImportCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in the files that a bank or its branches sent.",
    discussion: """
      Every file becomes one batch, whole or not at all. Rows that are wrong are kept out and listed with \
      their reasons; the rest is loaded. The same file again changes nothing.

      Exit code 3 means that rows were rejected or a file was refused.

      EXAMPLES
        banyan import outbox --mapping seeds/mappings/demo
        banyan batch rejects 7
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Folder with the files.") var folder: String
  @Option(help: ArgumentHelp("Folder that describes the files.", valueName: "dir"))
  var mapping: String
  @Option(help: "How to print the summary: table, csv, tsv, json, jsonl, md or xlsx.")
  var format: OutputFormat = .table

  func execute() async throws {
    let folderImport = try FolderImport(
      folder: folder, mappings: MappingFolder(path: mapping))
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let result = try await connection.withConnection { @Sendable connection in
      try folderImport.run(on: connection) { file in Self.tellProblems(of: file) }
    }
    try summarize(result)
    if !result.unnamed.isEmpty {
      tell("Not read, because no mapping names them: \(result.unnamed.joined(separator: ", "))")
    }
    if !result.skipped.isEmpty {
      complain(
        "left alone until the refused file is corrected: \(result.skipped.joined(separator: ", "))")
    }
    if !result.isClean { throw ExitCode.dataErrors }
  }

  private static func tellProblems(of file: BatchResult) {
    for rejection in file.firstRejections {
      tell(
        "\(file.fileName):\(rejection.lineNumber): \(rejection.code.rawValue)"
          + (rejection.column.map { " \($0)" } ?? "") + ": \(rejection.reason)")
    }
    if file.rejected > file.firstRejections.count, let batch = file.batch {
      tell("\(file.fileName): \(file.rejected) rows rejected; all: banyan batch rejects \(batch)")
    }
    if file.rejectedBefore > 0, let batch = file.batch {
      tell(
        "\(file.fileName): the same bytes as in batch \(batch), which rejected \(file.rejectedBefore) of their rows; all: banyan batch rejects \(batch)"
      )
    }
    for warning in file.warnings { tell("\(file.fileName): \(warning)") }
    if case .failed(let reason) = file.outcome { complain("\(file.fileName): \(reason)") }
  }

  private func summarize(_ result: FolderImport.Result) throws {
    let writer = try format.writer(
      columns: [
        Column("file"), Column("dataset"), Column("batch", .integer), Column("outcome"),
        Column("read", .integer), Column("loaded", .integer), Column("rejected", .integer),
        Column("unchanged", .integer),
      ], to: OutputSink(path: "-"))
    for file in result.files {
      try writer.write([
        .text(file.fileName), .text(file.dataset), file.batch.map { .integer($0) } ?? .null,
        .text(word(file.outcome)), .integer(Int64(file.read)), .integer(Int64(file.loaded)),
        .integer(Int64(file.rejected)), .integer(Int64(file.unchanged)),
      ])
    }
    if format == .table {
      func total(_ count: (BatchResult) -> Int) -> Cell {
        .integer(Int64(result.files.map(count).reduce(0, +)))
      }
      try writer.write([
        .text("total"), .null, .null, .null, total(\.read), total(\.loaded), total(\.rejected),
        total(\.unchanged),
      ])
    }
    try writer.finish()
  }

  private func word(_ outcome: BatchResult.Outcome) -> String {
    switch outcome {
    case .loaded: "loaded"
    case .unchanged: "unchanged"
    case .failed: "failed"
    }
  }
}

extension OutputFormat: ExpressibleByArgument {
  /// What commands say of their option.
  static let help: ArgumentHelp = "How to print: \(names)."
}
