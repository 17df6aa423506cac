import Banyan
import TestSupport
import Testing

/// What an import of a bank printed.
struct TakenFiles {
  let exitCode: Int32
  /// Lines of standard error.
  let messages: [String]
  private let rows: [[String: String]]

  init(_ outcome: ProgramOutcome) throws {
    exitCode = outcome.exitCode
    messages = outcome.messages()
    rows = try CSVTable(text: outcome.output).rows
  }

  /// Rows read, loaded, rejected and unchanged of a dataset.
  func counts(_ dataset: String) -> [String] {
    let row = rows.first { $0["dataset"] == dataset } ?? [:]
    return ["read", "loaded", "rejected", "unchanged"].map { row[$0] ?? "" }
  }
}

extension TinyBank {
  /// The same bank with a file of another dataset.
  func sending(_ dataset: String, _ text: String) throws -> TinyBank {
    sending(try #require(Dataset.named(dataset)), text)
  }

  /// Imports the files by `banyan import`.
  func taken(into database: TestDatabase) async throws -> TakenFiles {
    let folder = try write()
    return try TakenFiles(
      await banyan(
        "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format", "csv",
        on: database))
  }
}
