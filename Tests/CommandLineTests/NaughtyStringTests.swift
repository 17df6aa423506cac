import Foundation
import TestSupport
import Testing

/// Every text that a user can type is a value and never a piece of a statement.
@Suite struct NaughtyStringTests {
  /// The commands as they describe themselves.
  private struct Description: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    struct Argument: Decodable {
      let kind: String
      let valueName: String?
      let names: [Name]?
      let isOptional: Bool
    }
    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    let command: Command
  }

  /// One argument of one command, and how to write the command with a value there.
  private struct Field {
    let command: [String]
    let arguments: [Description.Argument]
    let place: Int

    /// The command with a text in this field, and something plausible in all others that it needs.
    func line(with text: String) -> [String] {
      var options: [String] = []
      var positions: [String] = []
      for (index, argument) in arguments.enumerated()
      where index == place || !argument.isOptional {
        let value = index == place ? text : Field.plausible(argument.valueName ?? "")
        if argument.kind == "positional" {
          positions.append(value)
        } else if let name = argument.names?.first(where: { $0.kind == "long" })?.name {
          options.append("--\(name)=\(value)")
        }
      }
      return command + options + ["--"] + positions
    }

    private static func plausible(_ name: String) -> String {
      switch name {
      case "person", "auditor", "by", "giver", "receiver", "manager", "load": "E1"
      case "witness", "colleague", "receivers", "people": "E3"
      case "unit", "parent", "new-unit", "child", "successor": "B1"
      case "from", "on", "joined", "obtained", "until", "leaves": "2026-03-01"
      case "to", "month": "2026-01"
      case "client", "duplicate": "C1"
      case "survivor": "C2"
      case "person=share": "E1=1"
      case "level": "branch"
      case "axis": "risk"
      case "segment": "low"
      case "kind", "post": "teller"
      case "tier": "junior"
      case "login": "nobody_of_that_name"
      case "role": "auditor"
      case "seats", "number", "departure", "handover", "transfer", "collision", "claim", "item",
        "review", "line",
        "change", "batch", "quantity":
        "1"
      default: "words"
      }
    }
  }

  private static let skipped: Set<String> = ["server", "sample", "migrate", "help"]

  private func fields() async throws -> [Field] {
    let help = try await BanyanProcess.run(["--experimental-dump-help"])
    let description = try JSONDecoder().decode(Description.self, from: Data(help.outputBytes))
    var found: [Field] = []
    func walk(_ command: Description.Command, _ path: [String]) {
      let inner = (command.subcommands ?? []).filter { !Self.skipped.contains($0.commandName) }
      for subcommand in inner { walk(subcommand, path + [subcommand.commandName]) }
      guard inner.isEmpty else { return }
      let arguments = (command.arguments ?? []).filter { argument in
        let names = (argument.names ?? []).map(\.name)
        return argument.kind != "flag" && !names.contains("data") && !names.contains("output")
          && !names.contains("format")
      }
      for place in arguments.indices {
        found.append(Field(command: path, arguments: arguments, place: place))
      }
    }
    walk(description.command, [])
    return found
  }

  /// Each string goes into some field and each field gets some strings, one at least about quoting.
  /// What comes of it is what was asked for, or a refusal in a sentence.
  @Test(.enabled(if: NaughtyStrings.areHere, "\(SharedData.reasonToSkip)"))
  func everyFieldOfEveryCommand() async throws {
    let ground = try await AccessGround()
    let strings = try NaughtyStrings.all()
    let fields = try await fields()
    #expect(fields.count > 250)
    let before = try await census(ground)
    let rounds = ProcessInfo.processInfo.environment["BANYAN_TORTURE"] == "1" ? 4 : 1
    // The quoting of SQL comes to every field, the other strings in turn.
    let quoting = "'; drop schema bank cascade; --\\\"$$"
    let runs = fields.indices.flatMap { index in
      (0..<rounds).map { round in
        fields[index].line(with: strings[(index + round * fields.count) % strings.count])
      } + [fields[index].line(with: quoting)]
    }
    await withTaskGroup(of: Void.self) { group in
      var next = runs.makeIterator()
      for _ in 0..<4 {
        if let line = next.next() { group.addTask { await self.run(line, on: ground) } }
      }
      while await group.next() != nil {
        if let line = next.next() { group.addTask { await self.run(line, on: ground) } }
      }
    }
    #expect(try await census(ground) == before)
  }

  private func run(_ line: [String], on ground: AccessGround) async {
    do {
      let outcome = try await BanyanProcess.run(
        line, environment: ["DATABASE_URL": ground.database.url])
      #expect(
        [0, 3, 64].contains(outcome.exitCode), "\(line): \(outcome.exitCode) \(outcome.errorOutput)"
      )
      // Who writes SQL is told what the server says of it.
      if line.first == "sql" || line.contains(where: { $0.hasPrefix("--query=") }) { return }
      for words in [
        "syntax error", "unterminated", "operator does not exist", "42601", "Fatal error",
      ] {
        #expect(!outcome.errorOutput.contains(words), "\(line): \(outcome.errorOutput)")
      }
    } catch {
      Issue.record("\(line): \(error)")
    }
  }

  /// What a statement that broke out would have changed.
  private func census(_ ground: AccessGround) async throws -> String {
    try await psql(
      """
      select count(*) from pg_class where relnamespace in ('bank'::regnamespace, 'report'::regnamespace);
      select count(*) from pg_proc where pronamespace = 'bank'::regnamespace;
      select count(*) from pg_policy;
      """, in: ground.database)
  }

  /// Names, reasons and evidence come back as they were typed, byte for byte.
  @Test(.enabled(if: NaughtyStrings.areHere, "\(SharedData.reasonToSkip)"))
  func textsComeBackAsTheyWere() async throws {
    let ground = try await AccessGround()
    let strings = try NaughtyStrings.all()
    let step = ProcessInfo.processInfo.environment["BANYAN_TORTURE"] == "1" ? 1 : 23
    for (index, text) in strings.enumerated() where index % step == 0 {
      let number = "N\(index)"
      let added = try await BanyanProcess.run(
        ["person", "add", number, "--unit", "B1", "--joined", "2026-01-01", "--", text],
        environment: ["DATABASE_URL": ground.database.url])
      #expect(added.exitCode == 0, "\(text): \(added.errorOutput)")
      let stored = try await psql(
        "select encode(convert_to(name, 'UTF8'), 'hex') from bank.employee where number = '\(number)'",
        in: ground.database)
      #expect(stored == text.utf8.map { String(format: "%02x", $0) }.joined() + "\n", "\(text)")
    }
    let listed = try await BanyanProcess.run(
      ["person", "list", "--unit", "B1", "--format", "json"],
      environment: ["DATABASE_URL": ground.database.url])
    struct Row: Decodable {
      let number: String
      let name: String?
    }
    let rows = try JSONDecoder().decode([Row].self, from: Data(listed.outputBytes))
    for (index, text) in strings.enumerated() where index % step == 0 {
      let name = rows.first { $0.number == "N\(index)" }?.name
      #expect(name.map { Array($0.utf8) } == Array(text.utf8), "\(text)")
    }
  }
}
