import Quantities

/// What became of one file. Rows read = loaded + rejected + unchanged + kept out, always.
public struct BatchResult: Hashable, Sendable {
  /// How it ended.
  public enum Outcome: Hashable, Sendable {
    /// Its good rows are in the tables.
    case loaded
    /// The same bytes were loaded before, by the batch that is named.
    case unchanged
    /// Not one row of it is in the tables; the sentence says why.
    case failed(String)
    /// It was read and judged, and is kept out as a whole; the sentence says why.
    case keptOut(String)
    /// The same bytes were loaded before, by the batch that is named, and another batch took its place.
    case replaced(by: Int64)
    /// It takes the place of another batch once the approval that is named is given.
    case waiting(Int64)
  }

  /// Path of the file inside the imported folder.
  public let fileName: String
  /// Name of the dataset.
  public let dataset: String
  /// Key of the batch; nil if nothing was recorded.
  public internal(set) var batch: Int64?
  /// How it ended.
  public internal(set) var outcome: Outcome
  /// Name of the sheet of a workbook.
  public var sheet: String?
  /// Data rows in the file.
  public var read = 0
  /// Rows that are new in the tables.
  public var loaded = 0
  /// Rows kept out.
  public var rejected = 0
  /// Rows that the tables held already.
  public var unchanged = 0
  /// Sound rows of a file that is kept out as a whole.
  public var keptOut = 0
  /// Rows of the batch whose place it took.
  public var replaced = 0
  /// Months that were closed already and that it has changed.
  public var restatedMonths: [Month] = []
  /// What the checks of the whole have found, in their order.
  public var findings: [CheckFinding] = []
  /// Of a file that is unchanged: how many of its rows the batch that is named had rejected.
  public var rejectedBefore = 0
  /// The first few reasons, for the screen; all are in `bank.rejected_row`.
  public var firstRejections: [Rejection] = []
  /// What the rules of coverage had against its assignments and let pass; up to a hundred.
  public var warnings: [String] = []
  /// Whether something in it waits to be corrected: rows or all of it were kept out.
  public var isClean: Bool {
    switch outcome {
    case .failed, .keptOut: false
    case .loaded, .unchanged, .replaced, .waiting: rejected == 0
    }
  }
  /// Whether what refers to its rows can be taken in.
  var isUsable: Bool {
    switch outcome {
    case .failed, .keptOut: false
    case .loaded, .unchanged, .replaced, .waiting: true
    }
  }
  /// Tables of schema `bank` of which the planner should learn that they have grown.
  var grownTables: Set<String> = []
}
