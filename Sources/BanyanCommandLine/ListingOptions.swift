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
