import ArgumentParser
import Banyan
import Exchange

/// `banyan config`: what is set, and where.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show the settings.", subcommands: [ConfigShow.self])
}

struct ConfigShow: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what counts for every setting, and where it comes from.",
    discussion: """
      An option of a command comes before the environment, that before banyan.yaml in the working \
      directory, that before banyan/banyan.yaml in XDG_CONFIG_HOME (~/.config), and that before \
      banyan/banyan.yaml in XDG_CONFIG_DIRS (/etc). The keys of the files are those that this command \
      lists.

      EXAMPLES
        banyan config show
        banyan config show --origin
      """)

  @Flag(help: "Say where each value comes from, and which files are looked for.") var origin = false
  @OptionGroup var listing: ListingOptions

  func execute() async throws {
    let settings = try Settings()
    let names = ["setting", "value", "variable"] + (origin ? ["origin"] : [])
    let columns = names.map { Column($0) }
    try listing.print(columns) { writer in
      for key in Settings.Key.allCases {
        let value = settings[key]
        let texts = [
          key.rawValue, Self.shown(value?.text, of: key), key.variable,
          value.map { Self.phrase($0.origin) } ?? "default",
        ]
        try writer.write(texts.prefix(columns.count).map { .text($0) })
      }
    }
    guard origin else { return }
    for file in settings.files {
      tell("\(file.isPresent ? "read" : "not there"): \(file.path)")
    }
  }

  /// A value without the password that it may hold.
  private static func shown(_ text: String?, of key: Settings.Key) -> String {
    guard let text else { return key.standard }
    guard key == .database else { return text }
    return text.replacing(#/(://[^/@]*:)[^@]*@/#) { "\($0.1)…@" }
      .replacing(#/(password\s*=\s*)('[^']*'|[^\s&]+)/#) { "\($0.1)…" }
  }

  private static func phrase(_ origin: Settings.Origin) -> String {
    switch origin {
    case .environment(let variable): "environment \(variable)"
    case .file(let path): path
    }
  }
}
