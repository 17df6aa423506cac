import Exchange
import LibPQ
import Quantities

/// What an import is told beside its files and the mappings.
public struct ImportOptions: Sendable {
  /// Code of the branch that every file must be about; nil when nobody says.
  public var branch: String?
  /// The month that every file must be about; nil when nobody says.
  public var month: Month?
  /// Name of the dataset of files that no mapping names; nil to tell it by their headers.
  public var dataset: String?
  /// The encoding of all files of text; nil for what their mappings say, or their bytes look like.
  public var encoding: TextEncoding?
  /// Whether everything is judged and nothing written.
  public var isTrial = false
  /// Key of the batch whose place the file takes.
  public var replaces: Int64?
  /// How many bad rows of a file are let pass; with more, the file is kept out. Nil for any number.
  public var rejectionLimit: Int?

  /// What a folder is imported with when nothing else is said.
  public init() {}
}

/// What the rows of a file must be about.
struct ImportScope {
  /// The branch with its code and all units that may stand for it: itself and those below it.
  private(set) var branch: (key: Int32, code: String, units: Set<Int32>)?
  let month: Month?

  /// Looks the branch up. The file that brings the tree may be the one that brings the branch.
  ///
  /// - Throws: ``BanyanError`` if there is no such branch.
  init(_ options: ImportOptions, for dataset: Dataset, on connection: isolated Connection) throws {
    month = options.month
    guard let code = options.branch else { return }
    let rows = try connection.rows(
      """
      select b.org_unit_id, u.org_unit_id from bank.org_unit as b join bank.org_unit as u on u.path <@ b.path
      where b.code = \(code)
      """, as: (Int32, Int32).self)
    guard let key = rows.first?.0 else {
      if dataset.name == "org_units" { return }
      throw BanyanError.usage(
        "there is no unit “\(code)” on record; see the codes with `banyan org tree`, or import the org units first"
      )
    }
    branch = (key, code, Set(rows.map(\.1)))
  }

  /// Whether rows are looked at.
  var isOpen: Bool { branch == nil && month == nil }

  /// What is to be said against a value that makes a row be of another branch or month; nil if nothing is.
  ///
  /// - Parameter monthDay: Name of the column whose day says the month of a row.
  func objection(
    to value: StagedValue, of target: DatasetColumn, _ monthDay: String?
  ) -> (code: RejectionCode, reason: String)? {
    switch (target.kind, value) {
    case (.branch, .integer(let unit)), (.account, .integer(let unit)),
      (.ownClient, .integer(let unit)), (.holding, .integer(let unit)):
      guard let branch, !branch.units.contains(unit) else { return nil }
      return (
        .otherBranch,
        "the row is of another branch than \(branch.code), which the import is about; send it with that branch's file"
      )
    case (.date, .date(let day)) where target.name == monthDay:
      guard let month, day.month != month else { return nil }
      return (
        .otherMonth,
        "\(day) is not in \(month), which the import is about; send it with that month's file"
      )
    default: return nil
    }
  }
}
