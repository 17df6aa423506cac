import ArgumentParser
import Banyan
import Exchange
import LibPQ

/// `banyan docs`: what everything in the database means.
struct DocsCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs",
    abstract:
      "Write the data dictionary: what each table, view and column means, and where it comes from.",
    discussion: """
      It is made of the comments that the schema itself carries, and ends or begins with the way from each column \
      of a file to the tables, views and reports that are made of it.

      EXAMPLES
        banyan docs -o data-dictionary.html
        banyan docs --format md -o data-dictionary.md
      """)

  /// In what the dictionary can be had.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case html, md
  }

  @OptionGroup var database: DatabaseOptions
  @Option(help: "How to write it: html or md (default: what the file's name ends in, or md).")
  var format: Format?
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.")
  var output = "-"

  func execute() async throws {
    let files = try InstalledFiles()
    let connection = try await database.connectToPlatform(files: files)
    let dictionary = try await connection.withConnection { @Sendable connection in
      try DataDictionary(files: files, on: connection)
    }
    let sink = try OutputSink(path: output)
    switch format ?? (output.hasSuffix(".html") ? .html : .md) {
    case .html: try dictionary.writePage(to: sink)
    case .md: try dictionary.writeMarkdown(to: sink)
    }
  }
}
