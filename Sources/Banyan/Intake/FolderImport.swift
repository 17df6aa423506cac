import Foundation
import LibPQ
import Quantities

/// Takes files in: every file that the mappings name, in the order in which their datasets refer to each other.
public struct FolderImport: Sendable {
  /// What became of the files.
  public struct Result: Sendable {
    /// One result a file, in the order of the import.
    public internal(set) var files: [BatchResult] = []
    /// Files that no mapping names; they were not read.
    public internal(set) var unnamed: [String] = []
    /// Datasets that were left alone because a file that they refer to had failed.
    public internal(set) var skipped: [String] = []
    /// Deliveries with a manifest, in their order.
    public internal(set) var submissions: [SubmissionResult] = []

    /// Whether nothing was kept out.
    public var isClean: Bool {
      skipped.isEmpty && files.allSatisfy(\.isClean) && submissions.allSatisfy { $0.refusal == nil }
    }
  }

  private let deliveries: [Delivery]
  private let mappings: MappingFolder
  private let options: ImportOptions

  /// Finds the files of a folder.
  ///
  /// - Throws: ``BanyanError`` if the folder, or a file that a mapping names, is not there; nothing
  ///   has been imported then.
  public init(folder: String, mappings: MappingFolder) throws {
    deliveries = [try Delivery(folder: folder, mappings, isAlone: true)]
    self.mappings = mappings
    options = ImportOptions()
  }

  /// Finds what paths hold: folders, archives, files, and `-` for standard input.
  ///
  /// - Throws: ``BanyanError`` if something is not there, or is described by no mapping; nothing has been
  ///   imported then.
  public init(paths: [String], mappings: MappingFolder, options: ImportOptions) throws {
    let mappings = options.encoding.map(mappings.reading) ?? mappings
    deliveries = try Delivery.all(at: paths, mappings, dataset: options.dataset)
    self.mappings = mappings
    self.options = options
    let files = deliveries.flatMap(\.work).map(\.files.count).reduce(0, +)
    if options.replaces != nil, files != 1 {
      throw BanyanError.usage(
        "\(files) files cannot take the place of one batch; give --replace with one file")
    }
  }

  /// Imports the files. One file that fails does not keep others of its kind out, but nothing that
  /// refers to them is taken in, because it would be rejected for their fault.
  ///
  /// - Parameter progress: Called while it runs.
  /// - Throws: ``BanyanError`` if the bank on record is another; `PostgresError` if the database
  ///   fails; what says so if the import is to stop.
  public func run(
    on connection: isolated Connection, progress: @escaping ImportObserver = { _ in }
  ) throws -> Result {
    guard options.isTrial else { return try carryOut(on: connection, progress) }
    // One transaction, so that later files find what earlier ones would have brought; then it is undone.
    var result = Result()
    do {
      try connection.transaction { connection in
        result = try carryOut(on: connection, progress)
        throw TrialIsOver()
      }
    } catch is TrialIsOver {}
    return result
  }

  /// Thrown to undo what a trial has done.
  private struct TrialIsOver: Error {}

  private func carryOut(
    on connection: isolated Connection, _ progress: @escaping ImportObserver
  ) throws -> Result {
    try mappings.bank?.record(on: connection)
    let currency = try mappings.currency(on: connection)
    // Changes of the tree whose day has come since.
    try connection.execute("select bank.refresh_org_units()")
    for plan in mappings.bank?.plans ?? [] {
      let path = URL(filePath: mappings.path).appending(path: plan).path
      _ = try PlanStore.load(path: path, on: connection)
    }
    var result = Result()
    for delivery in deliveries {
      try take(delivery, in: currency, into: &result, on: connection, progress)
      result.unnamed += delivery.unnamed.map(\.name)
    }
    if let overlay = mappings.overlay, deliveries.contains(where: { !$0.name.isEmpty }) {
      if result.files.allSatisfy(\.isUsable) {
        let made = try overlay.run(on: connection)
        result.files.append(made)
        progress(.ended(made))
      } else {
        result.skipped.append("overlay")
      }
    }
    // New rows change what plans cost: the planner must know before the first report.
    let grown = Set(result.files.filter { $0.loaded > 0 }.flatMap(\.grownTables))
    for table in grown.sorted() where !options.isTrial {
      try connection.execute("analyze \(identifier: "bank", table)")
    }
    return result
  }

  /// Imports the files of one delivery, unless its manifest says that they are not what was sent.
  private func take(
    _ delivery: Delivery, in currency: Currency, into result: inout Result,
    on connection: isolated Connection,
    _ progress: @escaping ImportObserver
  ) throws {
    var options = options
    var submission: Int64?
    if let manifest = delivery.manifest {
      let received = try manifest.receive(delivery, &options, on: connection)
      result.submissions.append(received)
      if received.refusal != nil { return }
      submission = received.number
    }
    var failedDataset: String?
    for (mapping, files) in delivery.work where !files.isEmpty {
      if let failedDataset, mapping.dataset.name != failedDataset {
        result.skipped.append(mapping.dataset.name)
        continue
      }
      let scope = try ImportScope(options, for: mapping.dataset, on: connection)
      for file in files {
        let outcome = try FileImport(
          name: file.name, path: file.path, mapping: mapping, currency: currency,
          options: options, scope: scope, checks: mappings.checks, submission: submission,
          progress: progress
        ).run(on: connection)
        if !outcome.isUsable { failedDataset = mapping.dataset.name }
        result.files.append(outcome)
        progress(.ended(outcome))
      }
    }
  }
}
