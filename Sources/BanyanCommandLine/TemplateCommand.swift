import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ

/// `banyan template`: a workbook for a branch to fill in.
struct TemplateCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Write a workbook for a branch to fill in and send back.",
    discussion: """
      The workbook has the columns of a dataset. Where a value is one of a few, its cells have a list to choose \
      from: words, units and people of the branch. Numbers of accounts, clients and people are texts, so that \
      Excel changes none of their digits.

      EXAMPLES
        banyan template accounts --branch B001 -o accounts-B001.xlsx
        banyan template clients --branch B002 --lang zh -o 客户-B002.xlsx
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Name of the dataset.") var dataset: String
  @Option(help: ArgumentHelp("Unit that fills it in.", valueName: "code")) var branch: String
  @Option(help: "Language of headings and choices: en or zh.")
  var lang: ImportTemplate.Language = .en
  @Option(name: .shortAndLong, help: "File to write to.") var output: String

  func execute() async throws {
    let files = try InstalledFiles()
    let template = ImportTemplate(
      try StandardMappings(files: files).mapping(of: dataset), language: lang)
    let (branch, output) = (branch, output)
    let connection = try await database.connectToPlatform(files: files)
    try await connection.withConnection { @Sendable connection in
      try template.write(branch: branch, to: output, on: connection)
    }
    tell("\(output) has the columns of \(dataset); filled in, it comes back by `banyan import`")
  }
}

extension ImportTemplate.Language: ExpressibleByArgument {}

/// `banyan mapping`: how files become rows.
struct MappingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mapping", abstract: "Describe how files become rows.",
    subcommands: [MappingInfer.self])
}

struct MappingInfer: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Write a first draft of the mapping of a file.",
    discussion: """
      Looks at the headings in English or Chinese, the separator, the encoding, the days and the words of a \
      file. Needs no database. What it cannot know stands in the draft as a comment.

      Exit code 3 means that the draft lacks something that every row needs.

      EXAMPLES
        banyan mapping infer 账户.csv
        banyan mapping infer accounts.xlsx --dataset accounts -o mappings/accounts.yaml
      """)

  @Argument(help: "A file as it is sent: delimited text, a workbook, JSON, compressed or not.")
  var file: String
  @Option(help: "What its rows are (default: found by the headings).") var dataset: String?
  @Option(name: .shortAndLong, help: "File to write to; - is standard output.") var output = "-"

  func execute() async throws {
    let draft = try MappingDraft(
      path: file, dataset: dataset, standard: StandardMappings(files: InstalledFiles()))
    let sink = try OutputSink(path: output)
    try sink.write(draft.yaml)
    try sink.close()
    if !draft.missing.isEmpty {
      complain(
        "no heading of “\(file)” is \(draft.missing.joined(separator: ", or ")); the draft says where to write it"
      )
      throw ExitCode.dataErrors
    }
  }
}
