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

/// A command that prints rows. What it prints in a form for programs is an export, and is recorded in
/// the audit trail before it is read.
protocol RowPrintingCommand: PlatformCommand, Sendable {
  var database: DatabaseOptions { get }
  var listing: ListingOptions { get }
  /// Whether its rows tell of clients, so that showing them is recorded too.
  static var tellsOfClients: Bool { get }
}

extension RowPrintingCommand {
  static var tellsOfClients: Bool { false }

  /// Connects to a current database, records what is about to be shown or taken out, and does
  /// something there.
  func onPlatform<Result: Sendable>(
    _ database: DatabaseOptions, _ body: @Sendable (isolated Connection) throws -> Result
  ) async throws -> Result {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let (format, isRecorded) = (listing.format, listing.format != .table || Self.tellsOfClients)
    return try await connection.withConnection { @Sendable connection in
      if isRecorded {
        try AuditTrail.recordReading(
          of: BanyanCommand.path(to: Self.self), isExport: format != .table,
          detail: ["format": "\(format)"], on: connection)
      }
      return try body(connection)
    }
  }
}

/// A command that prints rows and nothing else: those that it lists or shows, or what there is once it
/// has done its work.
protocol ListingCommand: RowPrintingCommand {
  /// Does what the command is for, and says what to print.
  func rows(on connection: isolated Connection) throws -> Listing
}

extension ListingCommand {
  func execute() async throws {
    try listing.print(
      try await onPlatform(database) { connection in try rows(on: connection) })
  }
}

/// A command whose rows tell of clients: who they are, who looks after them, what they hold.
protocol ClientListingCommand: ListingCommand {}

extension ClientListingCommand {
  static var tellsOfClients: Bool { true }
}

extension ParsableCommand {
  /// The words that lead from here to a command, such as `assignment list`.
  fileprivate static func path(to command: any ParsableCommand.Type) -> String {
    for next in configuration.subcommands {
      let name = next.configuration.commandName ?? ""
      if next == command { return name }
      let rest = next.path(to: command)
      if !rest.isEmpty { return "\(name) \(rest)" }
    }
    return ""
  }
}
