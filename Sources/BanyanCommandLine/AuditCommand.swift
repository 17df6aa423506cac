import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// `banyan audit`: who changed or read what, and the proof that nobody has touched that since.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Show who changed or read what, and prove that nothing of it was altered.",
    discussion: """
      Every change of the platform's data, every showing of a client and every export has an entry in a \
      chain of digests. docs/audit-trail.md says what that proves and what it cannot.
      """,
    subcommands: [AuditList.self, AuditShow.self, AuditHead.self, AuditVerify.self])
}

struct AuditList: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List entries of the audit trail, the latest first.",
    discussion: """
      Auditors alone read it.

      EXAMPLES
        banyan audit list --table assignment --since 2026-01-01
        banyan audit list --who RM0001
        banyan audit list --object "client C1"
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only changes of this table.") var table: String?
  @Option(help: "Only from this day on.") var since: CivilDate?
  @Option(help: "Only of this login, or of the person with this number.") var who: String?
  @Option(help: "Only about this: what was read, or a value of a changed row.") var object: String?
  @Option(help: "How many at most.") var limit = 200
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let filter = AuditTrail.Filter(
      table: table, since: since, who: who, object: object, limit: limit)
    try listing.print(
      try await onPlatform(database) { connection in
        try AuditTrail.listing(filter, on: connection)
      })
  }
}

struct AuditShow: ClientListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show an entry with the old and the new side by side.",
    discussion: """
      EXAMPLE
        banyan audit show 1201
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the entry, as `banyan audit list` prints it.") var entry: Int64
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let key = entry
    let (facts, changes) = try await onPlatform(database) { connection in
      try AuditTrail.entry(key, on: connection)
    }
    try listing.print(facts)
    if !changes.rows.isEmpty {
      print()
      try listing.print(changes)
    }
  }
}

struct AuditHead: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "head",
    abstract: "Print the end of the chain, to be kept outside of the database.",
    discussion: """
      EXAMPLE
        banyan audit head >> /mnt/elsewhere/heads
      """)

  @OptionGroup var database: DatabaseOptions

  func execute() async throws {
    print(
      try await onPlatform(database) { connection in try AuditTrail.head(on: connection) }
        .description)
  }
}

struct AuditVerify: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Walk the whole chain and name the first link that is broken.",
    discussion: """
      Exit code 3 means that something was altered, deleted, inserted, reordered or cut off, that \
      changes of some table leave no trace now, or that functions of the database are not those of this \
      installation. The digests are computed here. The head that was reached is printed on standard output.

      EXAMPLES
        banyan audit verify
        banyan audit verify --head "$(tail -1 /mnt/elsewhere/heads)"
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(
    help: "A head that was kept: nothing after it was cut off, nothing before it written anew.")
  var head: String?

  func execute() async throws {
    let kept = try head.map { text in
      guard let head = AuditTrail.Head(text) else {
        throw BanyanError.usage(
          "“\(text)” is no head of an audit trail; give what `banyan audit head` has printed, a number, a colon and 64 hexadecimal digits"
        )
      }
      return head
    }
    let files = try InstalledFiles()
    let verdict = try await onPlatform(database) { connection in
      try AuditTrail.verify(against: kept, files: files, on: connection)
    }
    if let firstBreak = verdict.firstBreak {
      complain("the audit trail is broken at \(firstBreak)")
    }
    for gap in verdict.gaps { complain(gap) }
    print(verdict.head)
    if verdict.firstBreak != nil || !verdict.gaps.isEmpty { throw ExitCode.dataErrors }
    tell("All \(verdict.head.sequenceNumber) links fit.")
  }
}
