import ArgumentParser
import Banyan

/// The manual page of a command, made of what it says of itself, in the macros of man(7).
struct ManualPage {
  private let command: CommandDescription
  private let root: CommandDescription
  /// The day on the page, YYYY-MM-DD.
  private let day: String
  private var lines: [String] = []

  /// - Parameter root: The command that all others hang below; its page tells what all have in common.
  init(of command: CommandDescription, below root: CommandDescription, day: String) {
    self.command = command
    self.root = root
    self.day = day
    compose()
  }

  /// Name of the file.
  var fileName: String { Self.name(of: command) + ".1" }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private var isRoot: Bool { command.words == root.words }

  private static func name(of command: CommandDescription) -> String {
    command.words.joined(separator: "-")
  }

  // MARK: - Composing

  private mutating func compose() {
    let name = Self.name(of: command)
    lines = [
      #".\" Made of the command's own declarations by `banyan manual`."#,
      ".TH \(name.uppercased()) 1 \(day) \"Banyan \(BanyanCommand.configuration.version)\" \"Banyan manual\"",
    ]
    section("NAME")
    lines.append("\(escaped(name)) \\- \(escaped(abstract(of: command)))")
    section("SYNOPSIS")
    lines.append(synopsis)
    section("DESCRIPTION")
    let parts = discussion(of: command)
    paragraphs(parts.text.isEmpty ? [command.abstract ?? ""] : parts.text)
    composeCommands()
    composeArguments()
    section("EXIT STATUS")
    table(discussion(of: root).headed["EXIT CODES"] ?? [])
    composeSurroundings()
    let examples = parts.headed.filter { $0.key.hasPrefix("EXAMPLE") }.flatMap(\.value)
    if !examples.isEmpty {
      section("EXAMPLES")
      lines += [".EX"] + examples.map { line(escaped($0)) } + [".EE"]
    }
    composeSeeAlso()
  }

  private mutating func composeCommands() {
    if command.commands.isEmpty { return }
    section("COMMANDS")
    for below in command.commands {
      lines += [
        ".TP", reference(to: Self.name(of: below)), line(escaped(below.abstract ?? "")),
      ]
    }
  }

  private mutating func composeArguments() {
    let own = (command.arguments ?? []).filter(\.shouldDisplay)
    let positional = own.filter { $0.kind == .positional }
    if !positional.isEmpty {
      section("ARGUMENTS")
      for argument in positional {
        lines += [".TP", "\\fI\(escaped(argument.valueName ?? ""))\\fR"]
        explain(argument)
      }
    }
    section("OPTIONS")
    for argument in own where argument.kind != .positional {
      let value = argument.kind == .option ? " \\fI\(escaped(argument.valueName ?? ""))\\fR" : ""
      let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR\(value)" }
      lines += [".TP", names.joined(separator: ", ")]
      explain(argument)
    }
  }

  private mutating func explain(_ argument: CommandDescription.Argument) {
    var sentences = [argument.abstract, argument.discussion].compactMap(\.self)
    let spoken = sentences.joined()
    if let values = argument.allValues, !values.allSatisfy(spoken.contains) {
      sentences.append("One of \(values.joined(separator: ", ")).")
    }
    if let standard = argument.defaultValue, !standard.isEmpty, !spoken.contains("default") {
      sentences.append("Default: \(standard).")
    }
    if argument.isRepeating { sentences.append("May be given several times.") }
    lines.append(line(escaped(sentences.joined(separator: " "))))
  }

  /// Where everything lies that decides about a command from outside.
  private mutating func composeSurroundings() {
    guard isRoot else {
      section("ENVIRONMENT AND FILES")
      lines += [
        "The variables and files that all commands heed are listed in",
        reference(to: root.commandName) + ".",
      ]
      return
    }
    section("ENVIRONMENT")
    for (variable, meaning) in Self.variables {
      lines += [".TP", "\\fB\(escaped(variable))\\fR", line(escaped(meaning))]
    }
    section("FILES")
    for (path, meaning) in Self.files {
      lines += [".TP", "\\fI\(escaped(path))\\fR", line(escaped(meaning))]
    }
  }

  private static let variables = [
    ("DATABASE_URL", "How to reach the server: a connection string or URL of libpq."),
    (
      "PGHOST, PGPORT, PGDATABASE, PGUSER, PGSERVICE and others",
      "What libpq itself heeds; they count where DATABASE_URL is not set."
    ),
    ("BANYAN_DATA", "Folder of the private server; .banyan in the working directory otherwise."),
    ("BANYAN_REPORTS", "Folder of the user's own reports."),
    ("BANYAN_LANG", "Language of reports, en or zh; that of the locale otherwise."),
    ("BANYAN_REASON", "Why something is done, for the audit trail."),
    ("BANYAN_HOME", "Folder that holds SQL and seeds; searched for near the program otherwise."),
    ("BANYAN_PG_BIN", "Folder of the PostgreSQL programs for the private server."),
    ("NO_COLOR", "If set to anything, nothing is coloured."),
    ("PAGER", "Program that shows what is longer than the terminal; less otherwise."),
  ]

  private static let files = [
    (
      "banyan.yaml",
      "Settings of the working directory; they come after options and the environment."
    ),
    ("~/.config/banyan/banyan.yaml", "Settings of the user; XDG_CONFIG_HOME moves it."),
    ("/etc/banyan/banyan.yaml", "Settings of the system; XDG_CONFIG_DIRS moves it."),
    (".banyan", "The private server of the working directory."),
    ("share/banyan", "The platform's own SQL and seeds, below the prefix of the installation."),
  ]

  private mutating func composeSeeAlso() {
    var names: [String] = []
    if let above = command.superCommands { names.append(above.joined(separator: "-")) }
    if isRoot {
      names = command.commands.map { Self.name(of: $0) }
    } else if let siblings = root.all.first(where: { $0.words == command.superCommands })?.commands,
      command.superCommands != root.words
    {
      names += siblings.filter { $0.words != command.words }.map { Self.name(of: $0) }
    }
    section("SEE ALSO")
    let references = names.map { (escaped($0), "(1)") } + [("psql", "(1)")]
    for (place, (name, chapter)) in references.enumerated() {
      lines.append(".BR \(name) \(chapter)\(place == references.count - 1 ? "" : ",")")
    }
  }

  // MARK: - Pieces

  private var synopsis: String {
    var words = ["\\fB\(escaped(command.words.joined(separator: " ")))\\fR"]
    let own = (command.arguments ?? []).filter(\.shouldDisplay)
    if !command.commands.isEmpty { words.append("\\fIcommand\\fR") }
    if own.contains(where: { $0.kind != .positional && $0.isOptional }) {
      words.append("[\\fIoptions\\fR]")
    }
    for option in own where option.kind == .option && !option.isOptional {
      words.append(
        "\\fB\(escaped(option.names?.first?.text ?? ""))\\fR \\fI\(escaped(option.valueName ?? ""))\\fR"
      )
    }
    for argument in own where argument.kind == .positional {
      let name =
        "\\fI\(escaped(argument.valueName ?? ""))\\fR" + (argument.isRepeating ? " ..." : "")
      words.append(argument.isOptional ? "[\(name)]" : name)
    }
    return words.joined(separator: " ")
  }

  /// An abstract as it stands behind a name.
  private func abstract(of command: CommandDescription) -> String {
    var text = command.abstract ?? ""
    if text.hasSuffix(".") { text.removeLast() }
    return text.lowercasedFirst
  }

  /// What a command says at length: its paragraphs, and the lines below each heading in capitals.
  private func discussion(
    of command: CommandDescription
  ) -> (text: [String], headed: [String: [String]]) {
    var text: [String] = []
    var headed: [String: [String]] = [:]
    var heading: String?
    for line in (command.discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    {
      if line.isEmpty { continue }
      if line.first == " ", let heading {
        headed[heading, default: []].append(String(line.drop { $0 == " " }))
      } else if line.allSatisfy({ $0.isUppercase || $0 == " " }) {
        heading = String(line)
      } else {
        heading = nil
        text.append(String(line))
      }
    }
    return (text, headed)
  }

  private mutating func section(_ title: String) { lines.append(".SH \(title)") }

  private mutating func paragraphs(_ texts: [String]) {
    for (place, text) in texts.enumerated() {
      if place > 0 { lines.append(".PP") }
      lines.append(line(escaped(text)))
    }
  }

  /// Lines that begin with a word and explain it.
  private mutating func table(_ rows: [String]) {
    for row in rows {
      let parts = row.split(separator: " ", maxSplits: 1)
      lines += [".TP", "\\fB\(escaped(String(parts[0])))\\fR"]
      lines.append(line(escaped(parts.dropFirst().joined().drop { $0 == " " }.description)))
    }
  }

  private func reference(to name: String) -> String { ".BR \(escaped(name)) (1)" }

  /// A text that means itself to man(7).
  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("`", with: "\\`")
      .replacing("'", with: "\\(aq").replacing("~", with: "\\(ti").replacing("^", with: "\\(ha")
  }

  /// A line that is none of the macros, whatever it begins with.
  private func line(_ text: String) -> String {
    text.hasPrefix(".") ? "\\&" + text : text
  }
}
