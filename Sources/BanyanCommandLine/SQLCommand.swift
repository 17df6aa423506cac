import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ

/// `banyan sql`: a query that somebody writes for once.
struct SQLCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql",
    abstract: "Run a query of your own that reads.",
    discussion: """
      One statement, in a transaction that cannot change anything, under the rights of your login. \
      The views of the schema report have stable names; docs/reports.md lists them. What goes to a \
      file or a program is recorded in the audit trail, as reports are.

      EXAMPLES
        banyan sql -c 'select code, name, level from report.org_unit'
        banyan sql question.sql -o answer.csv
        echo 'select count(*) from report.account' | banyan sql -
      """)

  @Argument(help: "File with the statement; - is standard input.") var file: String?
  @Option(name: [.customShort("c"), .customLong("command")], help: "The statement itself.")
  var command: String?
  @Option(
    help: ArgumentHelp("Seconds that it may take on the server.", valueName: "seconds"))
  var timeLimit = Int(AdHocQuery.usualTimeLimit.components.seconds)
  @OptionGroup var printing: PrintingOptions
  @OptionGroup var language: LanguageOptions
  @OptionGroup var database: DatabaseOptions

  func validate() throws {
    if (file == nil) == (command == nil) {
      throw ValidationError("give one statement: a file, - for standard input, or -c 'select …'")
    }
    if !(1...86_400).contains(timeLimit) {
      throw ValidationError("--time-limit is a number of seconds from 1 to 86400")
    }
  }

  func execute() async throws {
    let query = try AdHocQuery(text())
    let language = try language.chosen
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let destination = printing.destination(language)
    let (format, isForTheEyes, limit) = (
      printing.chosenFormat, printing.isForTheEyes, Duration.seconds(timeLimit)
    )
    try await destination.showing {
      let rows = try await connection.withConnection { @Sendable connection in
        if !isForTheEyes {
          try AuditTrail.recordReading(
            of: "sql", isExport: true,
            detail: ["query": query.sql, "format": "\(format)", "file": destination.path],
            on: connection)
        }
        let asked = [TableNotes.Fact(language.word(.query), query.sql)]
        let notes = TableNotes(
          title: language.word(.query),
          facts: asked + (try Provenance(of: connection)).facts(in: language))
        return try query.run(timeLimit: limit, on: connection) { columns in
          try format.writer(
            columns: columns, to: destination.sink(), style: destination.style, notes: notes)
        }
      }
      destination.tell(rows: rows)
    }
  }

  private func text() throws -> String {
    if let command { return command }
    guard let file else { return "" }
    let data: Data
    if file == "-" {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      do {
        data = try Data(contentsOf: URL(filePath: file))
      } catch {
        throw BanyanError.usage("the file “\(file)” cannot be read: \(error.localizedDescription)")
      }
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw BanyanError.data("the statement in “\(file)” is not UTF-8; save it so")
    }
    return text
  }
}
