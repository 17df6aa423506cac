import ArgumentParser
import Banyan
import Foundation
import LibPQ
import Quantities

/// `banyan territory`: whose new clients are whose.
struct TerritoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "territory", abstract: "Say which new clients are whose to win.",
    discussion: """
      A territory is an area, an industry, a size or several of these, or a list of names. A client falls \
      to the closest one: a listed name, then an industry, then a size, then the nearest unit. \
      docs/handover.md has the rules.
      """,
    subcommands: [TerritoryList.self, TerritoryAdd.self, TerritoryEnd.self])
}

struct TerritoryList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the territories of a day.",
    discussion: """
      EXAMPLE
        banyan territory list --person RM0001 --as-of 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only those of this person.") var person: String?
  @Option(help: "The day (default: today).") var asOf: CivilDate?
  @Flag(help: "All that were ever on record.") var all = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let (person, day, all) = (person, asOf, all)
    try listing.print(
      try await onPlatform(database) { connection in
        try Territories.listing(
          person: person, on: day, withSuperseded: all, connection: connection)
      })
  }
}

struct TerritoryAdd: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Give a person a territory.",
    discussion: """
      EXAMPLES
        banyan territory add T-NORTH --person RM0001 --unit B001 --from 2026-01-01
        banyan territory add T-TRADE --person RM0002 --unit R01 --industry trade --size small
        banyan territory add T-KEY --person RM0003 --names key-accounts.txt

      Many at once: the dataset territories of `banyan import`.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the territory.") var code: String
  @Option(help: "Who may win its clients.") var person: String
  @Option(help: "Area: this unit and what lies below it.") var unit: String?
  @Option(help: "Industry of the clients.") var industry: String?
  @Option(help: "Size of the clients.") var size: String?
  @Option(help: "A client of a named list, by number or name; may be given again.")
  var name: [String] = []
  @Option(help: "File with such numbers or names, one a line.") var names: String?
  @Option(help: "First day (default: today).") var from: CivilDate?
  @Option(help: "Day after the last.") var until: CivilDate?
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let bounds = Territories.Bounds(
      unit: unit, industry: industry, size: size, names: try name + lines(of: names))
    let (code, person, from, until, reason) = (code, person, from, until, reason)
    let rows = try await onPlatform(database) { connection in
      try Territories.add(
        code: code, person: person, bounds: bounds, from: from, until: until, reason: reason,
        on: connection)
    }
    tell("Territory \(code) is \(person)'s: \(rows) \(rows == 1 ? "row" : "rows").")
  }
}

/// The lines of a file that hold something; none without a file.
func lines(of path: String?) throws -> [String] {
  guard let path else { return [] }
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    throw BanyanError.usage("the file “\(path)” cannot be read as UTF-8 text; check its name")
  }
  return text.split(whereSeparator: \.isNewline)
    .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
}

struct TerritoryEnd: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "End a territory.",
    discussion: """
      EXAMPLE
        banyan territory end T-NORTH --on 2026-07-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Code of the territory.") var code: String
  @Option(help: "First day on which it is nobody's.") var on: CivilDate
  @Option(help: "Why, in your own words.") var reason: String?

  func execute() async throws {
    let (code, day, reason) = (code, on, reason)
    let rows = try await onPlatform(database) { connection in
      try Territories.end(code: code, on: day, reason: reason, connection: connection)
    }
    tell("Territory \(code) ends on \(day): \(rows) \(rows == 1 ? "row" : "rows").")
  }
}
