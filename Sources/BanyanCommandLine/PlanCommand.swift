import ArgumentParser
import Banyan
import LibPQ

/// `banyan plan`: the pay plans.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Put pay plans on record.", subcommands: [PlanLoad.self])
}

struct PlanLoad: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Check a plan and put it on record as a new version of its code.",
    discussion: """
      EXAMPLE
        banyan plan load seeds/plans/berka-1993.yaml

      docs/plans.md is the reference of the plan language.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The plan, in YAML.") var file: String

  func execute() async throws {
    let connection = try await database.connectToPlatform(files: InstalledFiles())
    let file = file
    let (stored, isNew, waiting) = try await connection.withConnection { @Sendable connection in
      let (stored, isNew) = try PlanStore.load(path: file, on: connection)
      return (stored, isNew, try PlanStore.waiting(stored, on: connection))
    }
    print(
      "Plan \(stored.code), version \(stored.version), \(isNew ? "is on record" : "was on record already")."
    )
    tellWaiting(waiting)
  }
}
