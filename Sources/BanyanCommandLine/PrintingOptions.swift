import ArgumentParser
import Banyan
import Exchange

/// How and where a report or the answer of a query is printed.
struct PrintingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print: \(OutputFormat.names) (default: what the ending of -o says, or table).",
      valueName: "format"))
  var format: OutputFormat?
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.")
  var output = "-"
  @Flag(help: "Write lines as long as they come, whatever the width of the screen.")
  var wide = false
  @Flag(help: "Do not show long tables on a screen by the pager.")
  var noPager = false

  /// The format that was asked for, or that the name of the file asks for.
  var chosenFormat: OutputFormat {
    format ?? OutputFormat.allCases.first { output.lowercased().hasSuffix("." + $0.rawValue) }
      ?? .table
  }

  /// Whether people see it at once and nothing is taken away.
  var isForTheEyes: Bool { chosenFormat == .table && output == "-" }

  /// Where it goes.
  func destination(_ language: Language) -> Destination {
    let isOnScreen = isForTheEyes && Screen.isPresent
    return Destination(
      path: output,
      style: isOnScreen
        ? Screen.style(isWide: wide, language: language) : TableStyle(language: language),
      wantsPager: isOnScreen && !noPager)
  }
}

/// In which language reports speak.
struct LanguageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Language of titles and headings: en or zh (default: BANYAN_LANG, or that of the locale).",
      valueName: "language"))
  var lang: Language?

  var chosen: Language {
    get throws {
      if let lang { return lang }
      guard let value = try Settings()[.lang] else { return .en }
      guard let language = Language(rawValue: value.text) else {
        throw BanyanError.usage("BANYAN_LANG is “\(value.text)”; set it to en or zh")
      }
      return language
    }
  }
}

extension Language: ExpressibleByArgument {}

extension OutputFormat {
  /// All of them, as a help page lists them.
  static var names: String {
    let names = allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }
}
