import Foundation
import TestSupport

/// Runs `banyan` on a database as its users do: with DATABASE_URL, and nothing else of the tests'.
func banyan(
  _ arguments: String..., on database: TestDatabase, environment: [String: String] = [:],
  in workingDirectory: String = "/"
) async throws -> ProgramOutcome {
  var environment = environment
  environment["DATABASE_URL"] = database.url
  return try await BanyanProcess.run(
    arguments, environment: environment, workingDirectory: workingDirectory)
}

extension ProgramOutcome {
  /// The lines of standard error but for those of progress, which slow machines show; with a folder's path
  /// written as `FOLDER`.
  func messages(in folder: TemporaryFolder? = nil) -> [String] {
    let text = folder.map { errorOutput.replacing($0.path, with: "FOLDER") } ?? errorOutput
    return text.split(separator: "\n").map(String.init).filter { !$0.contains(" rows/s, ") }
  }
}

/// An installation of our own SQL files that a test may change.
struct Installation {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.copy(SharedData.packageFolder + "/SQL", to: "SQL")
  }

  /// What makes `banyan` use it.
  var environment: [String: String] { ["BANYAN_HOME": folder.path] }

  func append(_ text: String, to name: String) throws {
    let old = try String(contentsOfFile: folder.path + "/SQL/" + name, encoding: .utf8)
    try write(old + text, to: name)
  }

  func write(_ text: String, to name: String) throws {
    try folder.write(text.utf8, to: "SQL/" + name)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: folder.path + "/SQL/" + name)
  }

  /// Paths below `SQL` of the files that make the schema.
  func schemaFiles() throws -> [String] {
    try ["schema", "functions", "views", "policies"].flatMap { folder in
      let path = self.folder.path + "/SQL/" + folder
      guard FileManager.default.fileExists(atPath: path) else { return [String]() }
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { $0.hasSuffix(".sql") }.sorted().map { folder + "/" + $0 }
    }
  }
}
