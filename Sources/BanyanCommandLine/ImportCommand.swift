import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

/// `banyan import`: takes files in.
struct ImportCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in the files that a bank or its branches sent.",
    discussion: """
      Takes folders, zip archives, single files and standard input (-). Every file becomes one batch, whole or not \
      at all. Rows that are wrong are kept out and listed with their reasons; the rest is loaded. The same file again \
      changes nothing. A folder or archive with a manifest is refused whole if it is not what its sender meant.

      A folder that `banyan export --all` has written is a whole bank: it is restored into a database that \
      `banyan migrate` has just made, and is there as a whole or not at all.

      Without --mapping, a file is read by the headings that every dataset has in English and Chinese: its name \
      says which dataset it is (facts-2026-03.csv), or else its columns do, or --dataset.

      Exit code 3 means that rows were rejected, or a file was refused or kept out.

      EXAMPLES
        banyan import outbox --mapping seeds/mappings/demo
        banyan import B001.zip B002.zip --mapping seeds/mappings/demo --dry-run
        banyan import transactions-2026-03.csv --mapping seeds/mappings/demo --branch B001 --period 2026-03
        banyan import corrected.csv --mapping seeds/mappings/demo --replace 44
        banyan import /mnt/move/bank
        banyan import facts-2026-03.csv
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "Folders, zip archives or files; - is standard input.") var files: [String]
  @Option(
    help: ArgumentHelp(
      "Folder that describes the files (default: the platform's own mappings, one for each dataset).",
      valueName: "dir"))
  var mapping: String?
  @Option(help: ArgumentHelp("Unit that all rows must be of, or be below.", valueName: "code"))
  var branch: String?
  @Option(help: "Month that all rows must be of, YYYY-MM.") var period: Month?
  @Option(help: "What the rows of files are that no mapping names.") var dataset: String?
  @Option(
    help: ArgumentHelp(
      "Encoding of files of text, when neither the mapping nor their bytes say it: \(TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var encoding: TextEncoding?
  @Flag(help: "Judge everything, also by the rules of the database, and write nothing.")
  var dryRun = false
  @Option(help: ArgumentHelp("Batch whose place the file takes.", valueName: "batch"))
  var replace: Int64?
  @Option(help: ArgumentHelp("Keep a file out that has more bad rows.", valueName: "n"))
  var maxErrors: Int?
  @Flag(help: "Keep a file out that has any bad row.") var allOrNothing = false
  @Option(help: "Language of the reasons: en or zh.") var lang: RejectionLanguage = .en
  @Flag(help: "Say nothing while it runs.") var quiet = false
  @Option(help: "How to print the summary: table, csv, tsv, json, jsonl, md or xlsx.")
  var format: OutputFormat = .table

  func validate() throws {
    if let maxErrors, maxErrors < 0 {
      throw ValidationError("--max-errors is \(maxErrors); write 0 or more.")
    }
    if maxErrors != nil, allOrNothing {
      throw ValidationError("--all-or-nothing is --max-errors 0; write one of them.")
    }
  }

  func execute() async throws {
    if try await restoreWholeBank() { return }
    var options = ImportOptions()
    options.branch = branch
    options.month = period
    options.dataset = dataset
    options.encoding = encoding
    options.isTrial = dryRun
    options.replaces = replace
    options.rejectionLimit = allOrNothing ? 0 : maxErrors
    let told = ToldResults()
    let (files, mapping, database, lang, quiet) = (files, mapping, database, lang, quiet)
    let result: FolderImport.Result
    do {
      result = try await Interruption.stopping { [options] in
        let folderImport = try FolderImport(
          paths: files,
          mappings: mapping.map { try MappingFolder(path: $0) }
            ?? MappingFolder(standard: StandardMappings(files: InstalledFiles())),
          options: options)
        let connection = try await database.connectToPlatform(files: InstalledFiles())
        return try await connection.withConnection { @Sendable connection in
          let meter = ProgressMeter(isQuiet: quiet)
          return try folderImport.run(on: connection) { step in
            meter.show(step)
            if case .ended(let file) = step {
              told.add(file)
              BatchReport(file, lang).tell()
            }
          }
        }
      }
    } catch let stop as Interruption {
      tell(stop.sentence(done: dryRun ? [] : told.files, isTrial: dryRun))
      throw ExitCode.interrupted
    }
    try report(result)
  }

  /// Restores a whole bank, if that is what was given.
  private func restoreWholeBank() async throws -> Bool {
    guard let folder = files.first(where: { WholeBankRestoration.isWholeBank($0) }) else {
      if let broken = files.first(where: { WholeBankRestoration.isBroken($0) }) {
        throw BanyanError.usage(
          "“\(broken)” holds the tables of a whole bank and no manifest.yaml, as when its export was broken off; export it again"
        )
      }
      return false
    }
    let isOtherwise =
      files.count > 1 || mapping != nil || branch != nil || period != nil || dataset != nil
      || encoding != nil || replace != nil || maxErrors != nil || allOrNothing
    if isOtherwise {
      throw BanyanError.usage(
        "“\(folder)” is a whole bank, which is restored by itself and as it is; beside it stand --dry-run and --quiet alone"
      )
    }
    let installed = try InstalledFiles()
    let restoration = try WholeBankRestoration(folder: folder)
    let connection = try await database.connectToPlatform(files: installed)
    let (meter, isTrial) = (ProgressMeter(isQuiet: quiet), dryRun)
    do {
      let restored = try await Interruption.stopping {
        try await connection.withConnection { @Sendable connection in
          try restoration.run(on: connection, files: installed, isTrial: isTrial) { meter.show($0) }
        }
      }
      meter.finish()
      say(restored, from: folder)
    } catch is Interruption {
      meter.finish()
      tell("banyan: interrupted; nothing was restored, and the same command starts anew")
      throw ExitCode.interrupted
    }
    return true
  }

  private func say(_ restored: WholeBankRestoration.Result, from folder: String) {
    let bank = restored.bank
    tell(
      "\(bank.rows) rows of \(bank.tables) tables \(dryRun ? "can be restored" : "restored") from \(folder), SHA-256 of the bank \(bank.digest), audit trail up to \(bank.trail)"
    )
    if !restored.missingLogins.isEmpty {
      tell(
        "Logins that have grants and are not on this server: \(restored.missingLogins.joined(separator: ", ")); let an administrator make them, then `select bank.settle_memberships('LOGIN')` for each."
      )
    }
    if dryRun { tell("This was a dry run: nothing was written.") }
  }

  private func report(_ result: FolderImport.Result) throws {
    for submission in result.submissions {
      if let refusal = submission.refusal {
        complain("submission \(submission.name): \(refusal)")
      } else {
        tell(
          "Submission \(submission.number.map { "\($0), " } ?? "")\(submission.name): \(submission.files) files agree with their manifest."
        )
      }
    }
    try ImportSummary(result).write(format)
    if !result.unnamed.isEmpty {
      tell("Not read, because no mapping names them: \(result.unnamed.joined(separator: ", "))")
    }
    if !result.skipped.isEmpty {
      complain(
        "left alone until the refused file is corrected: \(result.skipped.joined(separator: ", "))")
    }
    if dryRun { tell("This was a dry run: nothing was written.") }
    if !result.isClean { throw ExitCode.dataErrors }
  }
}

extension OutputFormat: ExpressibleByArgument {
  /// What commands say of their option.
  static let help: ArgumentHelp = "How to print: \(names)."
}

extension RejectionLanguage: ExpressibleByArgument {}
