import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

struct PayStatementCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Write the statements of a month, a file for each person.",
    discussion: """
      A statement says what was paid now and later and how each line came about, what was reached of the \
      targets, what is deferred until when, and what to do if something seems wrong. Everybody gets the \
      own statement; a branch those of its people; HR all. Files are called after month and person, \
      appear when they are complete, and are the same to the byte when they are made again.

      EXAMPLES
        banyan pay statement 2026-03 --person RM0001 -o statements
        banyan pay statement 2026-03 --unit B001 --format pdf --lang zh -o statements
        banyan pay statement 2026-03 --all --format xlsx -o statements
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @Option(help: "Number of the one person.") var person: String?
  @Option(help: "Code of a unit: everybody who works there or below it.") var unit: String?
  @Flag(help: "Everybody whose statement your login may see.") var all = false
  @Option(help: "How to write: html, xlsx, pdf or csv.") var format: StatementFiles.Format = .html
  @Option(name: .shortAndLong, help: "Folder to write to; it is made if it is not there.")
  var output = "."
  @Option(help: "Code of the plan, if several have paid the month.") var plan: String?
  @OptionGroup var language: LanguageOptions

  func execute() async throws {
    let people = try people
    let language = try language.chosen
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (month, plan, format, folder) = (month, plan, format, output)
    let run = try await connection.withConnection { @Sendable connection in
      let run = try connection.explainingRefusals { connection in
        try StatementRun(month: month, planCode: plan, people: people, on: connection)
      }
      try AuditTrail.recordReading(
        of: "pay statements of \(month)", isExport: true, rowCount: run.count,
        detail: [
          "run": "\(run.run)", "people": "\(people)", "format": format.rawValue, "file": folder,
        ], on: connection)
      let files = try StatementFiles(
        folder: folder, format: format, language: language, plan: plan)
      // All statements are of one moment.
      try connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
        try files.write(run, on: connection)
      }
      return run
    }
    if !run.isPosted { tell("Run \(run.run) is not posted yet, and the statements say so.") }
    tell("\(run.count) statement\(run.count == 1 ? "" : "s") of run \(run.run) in \(output)")
  }

  private var people: StatementRun.People {
    get throws {
      switch (person, unit, all) {
      case (let person?, nil, false): .person(person)
      case (nil, let unit?, false): .unit(unit)
      case (nil, nil, true): .everybody
      default:
        throw BanyanError.usage("say whose statements: one of --person, --unit and --all")
      }
    }
  }
}

extension StatementFiles.Format: ExpressibleByArgument {}

extension StatementRun.People: CustomStringConvertible {
  /// As the audit trail has it.
  public var description: String {
    switch self {
    case .person(let number): "person \(number)"
    case .unit(let code): "unit \(code)"
    case .everybody: "all"
    }
  }
}
