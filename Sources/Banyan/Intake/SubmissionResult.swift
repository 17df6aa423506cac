import LibPQ
import Quantities

/// What became of a delivery with a manifest.
public struct SubmissionResult: Sendable {
  /// What the manifest calls itself.
  public let name: String
  /// Number on record; nil in a trial.
  public let number: Int64?
  /// How many files the manifest names.
  public let files: Int
  /// Why all of it was refused; nil if it was received.
  public let refusal: String?
}

extension Manifest {
  /// How many disagreements a refusal names.
  private static let shownDisagreements = 10

  /// Compares the delivery with what its sender says and puts the outcome on record. Branch and month of the
  /// manifest become those that the rows must be about.
  func receive(
    _ delivery: Delivery, _ options: inout ImportOptions, on connection: isolated Connection
  ) throws -> SubmissionResult {
    var problems: [String] = []
    if let branch, let told = options.branch, told != branch {
      problems.append("its manifest says branch \(branch), and the import was told \(told)")
    }
    if let month, let told = options.month, told != month {
      problems.append("its manifest says period \(month), and the import was told \(told)")
    }
    options.branch = options.branch ?? branch
    options.month = options.month ?? month
    var files = delivery.work.flatMap { work in
      work.files.map { (name: $0.name, path: $0.path, mapping: Optional(work.mapping)) }
    }
    files += delivery.unnamed.map { (name: $0.name, path: $0.path, mapping: nil) }
    problems += try ManifestCheck(manifest: self, files: files).disagreements()
    let code = options.branch
    let unit = try connection.optionalRow(
      "select org_unit_id from bank.org_unit where code = \(code)", as: Int32.self)
    // A first delivery may bring the tree that its branch stands in.
    let bringsTree = delivery.work.contains {
      $0.mapping.dataset.name == "org_units" && !$0.files.isEmpty
    }
    if let code, unit == nil, !bringsTree {
      problems.append("there is no unit “\(code)” on record")
    }
    let refusal =
      problems.isEmpty
      ? nil
      : problems.prefix(Self.shownDisagreements).joined(separator: "; ")
        + (problems.count > Self.shownDisagreements
          ? "; and \(problems.count - Self.shownDisagreements) more" : "")
        + "; nothing of it was taken in"
    var number: Int64?
    if !options.isTrial {
      number = try record(
        delivery.name, unit: unit, month: options.month, refusal: refusal, on: connection)
    }
    return SubmissionResult(name: name, number: number, files: self.files.count, refusal: refusal)
  }

  /// The number of the submission; one that was received before keeps its own.
  private func record(
    _ fileName: String, unit: Int32?, month: Month?, refusal: String?,
    on connection: isolated Connection
  ) throws -> Int64 {
    if refusal == nil,
      let known = try connection.optionalRow(
        """
        select max(submission_id) from bank.submission
        where manifest_digest = \(digest) and state = 'received'
          and (branch_id, month) is not distinct from (\(unit)::integer, \(month?.firstDay)::date)
        having count(*) > 0
        """, as: Int64.self)
    {
      return known
    }
    return try connection.value(
      """
      insert into bank.submission (name, file_name, manifest_digest, branch_id, month, state, files, failure)
      values (\(name), \(fileName), \(digest), \(unit), \(month?.firstDay),
        \(refusal == nil ? "received" : "refused")::text::bank.submission_state, \(Int32(files.count)), \(refusal))
      returning submission_id
      """, as: Int64.self)
  }
}
