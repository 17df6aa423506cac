import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// How a command prints rows.
struct ListingOptions: ParsableArguments {
  @Option(help: OutputFormat.help)
  var format: OutputFormat = .table
  @Flag(help: "Write lines as long as they come, whatever the width of the screen.")
  var wide = false

  func print(_ listing: Listing) throws {
    try listing.write(format, style: style, to: OutputSink(path: "-"))
  }

  /// Prints rows that a command writes itself.
  func print(_ columns: [Column], _ body: (any TabularWriter) throws -> Void) throws {
    let writer = try format.writer(columns: columns, to: OutputSink(path: "-"), style: style)
    try body(writer)
    try writer.finish()
  }

  private var style: TableStyle { format == .table ? Screen.style(isWide: wide) : TableStyle() }
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
