import ArgumentParser

/// The smallest command with the argument parser: what the start of `banyan` is compared with.
@main
struct Hello: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hello", abstract: "Greet somebody.", version: "1.0.0")

  @Option(help: "Whom to greet.") var name = "world"

  func run() { print("Hello, \(name)!") }
}
