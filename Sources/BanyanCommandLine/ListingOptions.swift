import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// How a command prints rows.
struct ListingOptions: ParsableArguments {
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table

  func print(_ listing: Listing) throws {
    try listing.write(format, to: OutputSink(path: "-"))
  }
}

/// A command that prints rows: those that it lists or shows, or what there is once it has done its work.
protocol ListingCommand: PlatformCommand, Sendable {
  var database: DatabaseOptions { get }
  var listing: ListingOptions { get }
  /// Does what the command is for, and says what to print.
  func rows(on connection: isolated Connection) throws -> Listing
}

extension ListingCommand {
  func execute() async throws {
    try listing.print(
      try await onPlatform(database) { connection in try rows(on: connection) })
  }
}

extension CivilDate: ExpressibleByArgument {
  /// Reads `YYYY-MM-DD`.
  public init?(argument: String) { self.init(argument) }
}

extension ExactDecimal: ExpressibleByArgument {
  /// Reads digits and a point.
  public init?(argument: String) { self.init(argument) }
}

extension PlatformCommand {
  /// Connects to a current database and does something there.
  func onPlatform<Result: Sendable>(
    _ database: DatabaseOptions, _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    return try await connection.withConnection(body)
  }
}
