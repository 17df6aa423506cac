import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// `banyan target`: what people and units are to reach.
struct TargetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "target", abstract: "Put targets of people and units on record.",
    subcommands: [TargetImport.self, TargetList.self])
}

struct TargetImport: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Load a file of targets, all of it or nothing.",
    discussion: """
      The columns are person or unit, metric, period (2026-01, 2026-Q1 or 2026), amount and, where the \
      months of a longer period differ, seasons: their weights with blanks between them. Another amount \
      for the same month supersedes the one on record.

      EXAMPLE
        banyan target import targets-2026.csv

        person,unit,metric,period,amount,seasons
        RM0001,,loans_granted_amount,2026,12000000,1 1 2 1 1 2 1 1 2 1 1 2
        ,B001,loans_granted_amount,2026-Q1,90000000,
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The file, CSV or XLSX.") var file: String

  func execute() async throws {
    let file = file
    let count = try await onPlatform(database) { connection in
      try TargetFile(path: file, on: connection).load(on: connection)
    }
    tell(
      count == 0
        ? "All targets were on record already."
        : "\(count) \(count == 1 ? "month has" : "months have") a new target.")
  }
}

struct TargetList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the targets of a year, month by month.",
    discussion: """
      EXAMPLE
        banyan target list 2026 --person RM0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The year.") var year: Int
  @Option(help: "Only those of this person.") var person: String?
  @Option(help: "Only those of this unit itself.") var unit: String?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try TargetFile.listing(year: year, person: person, unit: unit, on: connection)
  }
}
