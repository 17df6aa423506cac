import ArgumentParser
import Foundation

/// A command as its declarations describe it: what the argument parser tells with
/// `--experimental-dump-help`.
struct CommandDescription: Decodable {
  /// An argument, option or flag.
  struct Argument: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }

    struct Name: Decodable {
      let kind: String
      let name: String

      /// As it is typed.
      var text: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: Kind
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?
    let discussion: String?

    /// Whether the command says no word about it, because every command has it.
    var isOfEveryCommand: Bool {
      names?.contains { ["help", "version"].contains($0.name) } ?? false
    }
  }

  private struct Dump: Decodable { let command: CommandDescription }

  let commandName: String
  let shouldDisplay: Bool
  let superCommands: [String]?
  let abstract: String?
  let discussion: String?
  let arguments: [Argument]?
  let subcommands: [CommandDescription]?

  /// The whole of a command and of all below it.
  init(of command: any ParsableCommand.Type) throws {
    self = try JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)).command
  }

  /// The words that call it.
  var words: [String] { (superCommands ?? []) + [commandName] }

  /// The commands right below it that have something to tell.
  var commands: [CommandDescription] {
    (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// It and all commands below it, each before those below it.
  var all: [CommandDescription] { [self] + commands.flatMap(\.all) }
}
