import Banyan
import Exchange
import Quantities
import Synchronization

/// What became of one file, in sentences on standard error.
struct BatchReport {
  private let file: BatchResult
  private let language: RejectionLanguage

  init(_ file: BatchResult, _ language: RejectionLanguage) {
    self.file = file
    self.language = language
  }

  func tell() {
    for rejection in file.firstRejections {
      BanyanCommandLine.tell(
        "\(place(rejection.lineNumber)): \(rejection.code.rawValue)"
          + (rejection.column.map { " \($0)" } ?? "") + ": \(language.sentence(rejection))")
    }
    tellCounts()
    for finding in file.findings where !finding.hasPassed && finding.severity == .warning {
      say("\(language.warning)\(finding.title): \(language.sentence(ofCheck: finding.sentence))")
    }
    for warning in file.warnings { say(warning) }
    if !file.restatedMonths.isEmpty {
      say(
        "a restatement: it has changed \(file.restatedMonths.map(\.description).joined(separator: ", ")), closed before; see `banyan period show \(file.restatedMonths[0])`"
      )
    }
    switch file.outcome {
    case .failed(let reason), .keptOut(let reason):
      complain("\(file.fileName): \(language.sentence(ofRefusal: reason))")
    case .replaced(let successor):
      say(
        "the same bytes as in batch \(file.batch ?? 0), whose place batch \(successor) has taken; nothing was loaded, and --replace \(successor) would go back to them"
      )
    case .waiting(let approval):
      say(
        "it waits for approval \(approval): others decide with `banyan approval approve \(approval)`, and the same import given again carries it out"
      )
    case .loaded, .unchanged: break
    }
  }

  private func tellCounts() {
    guard let batch = file.batch else { return }
    if file.rejected > file.firstRejections.count {
      say("\(file.rejected) rows rejected; all: banyan batch rejects \(batch)")
    }
    if file.rejectedBefore > 0 {
      say(
        "the same bytes as in batch \(batch), which rejected \(file.rejectedBefore) of their rows; all: banyan batch rejects \(batch)"
      )
    }
    if file.replaced > 0 {
      say(
        file.replaced == 1
          ? "1 row of the batch before it is history now"
          : "\(file.replaced) rows of the batch before it are history now")
    }
  }

  private func say(_ sentence: String) {
    BanyanCommandLine.tell("\(file.fileName): \(sentence)")
  }

  /// `clients.csv:7`, or `clients.xlsx, sheet Data, row 7`.
  private func place(_ line: Int) -> String {
    file.sheet.map { "\(file.fileName), sheet \($0), row \(line)" } ?? "\(file.fileName):\(line)"
  }
}

/// The table of all files on standard output.
struct ImportSummary {
  private let result: FolderImport.Result

  init(_ result: FolderImport.Result) { self.result = result }

  func write(_ format: OutputFormat) throws {
    let counts: [(title: String, value: KeyPath<BatchResult, Int>)] =
      [
        ("read", \.read), ("loaded", \.loaded), ("rejected", \.rejected),
        ("unchanged", \.unchanged),
      ] + (result.files.contains { $0.keptOut > 0 } ? [("kept_out", \.keptOut)] : [])
    let writer = try format.writer(
      columns: [
        Column("file"), Column("dataset"), Column("batch", .integer), Column("outcome"),
      ] + counts.map { Column($0.title, .integer) }, to: OutputSink(path: "-"))
    for file in result.files {
      try writer.write(
        [
          .text(file.fileName), .text(file.dataset), file.batch.map { .integer($0) } ?? .null,
          .text(word(file)),
        ] + counts.map { .integer(Int64(file[keyPath: $0.value])) })
    }
    if format == .table {
      try writer.write(
        [.text("total"), .null, .null, .null]
          + counts.map { count in
            .integer(Int64(result.files.map { $0[keyPath: count.value] }.reduce(0, +)))
          })
    }
    try writer.finish()
  }

  private func word(_ file: BatchResult) -> String {
    switch file.outcome {
    case .loaded: file.restatedMonths.isEmpty ? "loaded" : "restated"
    case .unchanged: "unchanged"
    case .failed: "failed"
    case .keptOut: "kept out"
    case .replaced: "replaced"
    case .waiting: "waiting"
    }
  }
}

/// The files that were done when an import was stopped.
final class ToldResults: Sendable {
  private let list = Mutex<[BatchResult]>([])

  func add(_ file: BatchResult) { list.withLock { $0.append(file) } }

  var files: [BatchResult] { list.withLock { $0 } }
}
