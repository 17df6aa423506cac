import ArgumentParser
import Banyan
import LibPQ
import Quantities

/// Which pay a recovery is about.
struct PayRecoveryOptions: ParsableArguments {
  @Argument(help: "Employee number.") var person: String
  @Option(help: "Record of accountability that it rests on.") var record: Int64
  @Option(help: "Why.") var reason: String
  @Option(help: "First month of the pay that it is about, YYYY-MM.") var from: Month?
  @Option(help: "Last month of the pay that it is about, YYYY-MM.") var to: Month?

  func recovery(of amount: ExactDecimal?) -> PayRecovery {
    var recovery = PayRecovery(person: person, record: record, amount: amount, reason: reason)
    (recovery.from, recovery.to) = (from, to)
    return recovery
  }
}

struct PayMalus: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "malus", abstract: "Let a person lose deferred pay that was not released.",
    discussion: """
      It rests on a record of accountability. What is due last is lost first. Where a rule asks for it, \
      another person approves.

      EXAMPLES
        banyan pay malus RM0001 --record 4 --reason "concealed overdue loans"
        banyan pay malus RM0001 --record 4 --amount 12000 --from 2026-01 --to 2026-06 --reason "concealed overdue loans"
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var about: PayRecoveryOptions
  @Option(help: "How much; all that is outstanding without it.") var amount: ExactDecimal?

  func execute() async throws {
    let recovery = about.recovery(of: amount)
    let waiting = try await onPlatform(database) { connection in
      try recovery.forfeit(on: connection)
    }
    if waiting == nil { tell("Deferred pay of \(about.person) is forfeited.") }
    tellWaiting(waiting)
  }
}

struct PayClawback: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "clawback", abstract: "Take back pay that a person was paid, leavers too.",
    discussion: """
      It rests on a record of accountability and becomes an entry in the run of the next month that is not \
      posted, or of the one that is named. It takes no more than was paid. Where a rule asks for it, \
      another person approves.

      EXAMPLE
        banyan pay clawback RM0001 --record 4 --amount 5000 --reason "false appraisal"
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var about: PayRecoveryOptions
  @Option(help: "How much.") var amount: ExactDecimal
  @Option(help: "Month whose run takes it, YYYY-MM.") var month: Month?
  @Option(help: "Code of the plan whose run takes it.") var plan: String?

  func execute() async throws {
    let recovery = about.recovery(of: amount)
    let (month, plan) = (month, plan)
    let waiting = try await onPlatform(database) { connection in
      try recovery.takeBack(plan: plan, month: month, on: connection)
    }
    if waiting == nil {
      tell("\(amount.grouped) of the pay of \(about.person) is taken back by the next run.")
    }
    tellWaiting(waiting)
  }
}

struct PayRestore: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Give back what was taken because of a record that was withdrawn.",
    discussion: """
      What was forfeited is deferred again, and what was taken back is paid by the next run.

      EXAMPLE
        banyan pay restore 4 --reason "the appeal was upheld"
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Number of the record of accountability.") var record: Int64
  @Option(help: "Why.") var reason: String

  func execute() async throws {
    let (record, reason) = (record, reason)
    let amount = try await onPlatform(database) { connection in
      try PayRecovery.restore(record, reason: reason, on: connection)
    }
    tell("\(amount.grouped) is given back.")
  }
}

struct PayRelease: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Release deferred pay that is due, for payment.",
    discussion: """
      Of everybody, or of one person; who has an open departure audit gets nothing before it is closed. \
      Where a rule asks for it, another person approves.

      EXAMPLES
        banyan pay release --due-until 2027-03-31 --month 2027-03
        banyan pay release --due-until 2027-03-31 --month 2027-03 --person RM0001
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Last day on which it is due.") var dueUntil: CivilDate
  @Option(help: "Month with whose payroll it is paid, YYYY-MM.") var month: Month
  @Option(help: "Only that of this person.") var person: String?

  func execute() async throws {
    let (day, month, person) = (dueUntil, month, person)
    let (released, waiting) = try await onPlatform(database) { connection in
      try PayRecovery.release(dueUntil: day, person: person, with: month, on: connection)
    }
    if waiting == nil {
      tell(
        "\(released) instalment\(released == 1 ? " is" : "s are") released with the payroll of \(month)."
      )
    }
    tellWaiting(waiting)
  }
}

struct PayRecoverable: ListingCommand {
  static let configuration = CommandConfiguration(
    commandName: "recoverable", abstract: "Show how much of a person's pay can be taken back.",
    discussion: """
      EXAMPLE
        banyan pay recoverable RM0001 --from 2025-01
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Employee number.") var person: String
  @Option(help: "First month of the pay, YYYY-MM.") var from: Month?
  @Option(help: "Last month of the pay, YYYY-MM.") var to: Month?
  @OptionGroup var listing: ListingOptions

  func rows(on connection: isolated Connection) throws -> Listing {
    try PayRecovery.recoverable(of: person, from: from, to: to, on: connection)
  }
}
