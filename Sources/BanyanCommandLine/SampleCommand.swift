import ArgumentParser
import Banyan
import Exchange
import Quantities

/// `banyan sample`: makes a bank up.
struct SampleCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Make up a plausible bank, as the files that its branches would send.",
    discussion: """
      The same seed makes the same files, byte by byte. A few rows are wrong on purpose; they are listed.

      EXAMPLE
        banyan sample outbox --seed 1 --branches 6 --managers 20 --clients 500 --months 3
        banyan import outbox --mapping seeds/mappings/demo
      """)

  @Argument(help: "Folder to write to; it is made.") var folder: String
  @Option(help: "Any number; the same one makes the same bank.") var seed: UInt64 = 1
  @Option(help: "How many branches.") var branches = 6
  @Option(help: "How many relationship managers.") var managers = 20
  @Option(help: "How many clients.") var clients = 500
  @Option(help: "How many months.") var months = 3
  @Option(help: "The first month, YYYY-MM.") var firstMonth: Month = SampleBank.defaultFirstMonth

  func execute() async throws {
    let bank = SampleBank(
      seed: seed, branches: branches, managers: managers, clients: clients, months: months,
      firstMonth: firstMonth)
    let summary = try bank.write(to: folder)
    print("\(summary.files.count) files with \(summary.rows) rows in \(folder)")
    print("\(summary.badRows.count) rows are wrong on purpose:")
    for row in summary.badRows { print("  \(row.file):\(row.line): \(row.fault.rawValue)") }
  }
}
