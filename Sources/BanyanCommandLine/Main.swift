import ArgumentParser

@main
struct BanyanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "banyan", version: "0.1.0")
}
