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

  /// The same bank with files of other datasets.
  func sending(_ files: KeyValuePairs<String, String>) throws -> TinyBank {
    try files.reduce(self) { try $0.sending($1.key, $1.value) }
  }

  /// Imports the files by `banyan import`, as the owner of the schema or under a login.
  func taken(into database: TestDatabase, as login: String? = nil) async throws -> TakenFiles {
    let folder = try write()
    return try TakenFiles(
      await BanyanProcess.run(
        [
          "import", folder.path + "/files", "--mapping", folder.path + "/mapping", "--format",
          "csv",
        ], environment: ["DATABASE_URL": database.url + (login.map { "&user=" + $0 } ?? "")]))
  }
}
