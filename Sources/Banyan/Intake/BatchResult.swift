/// What became of one file. Rows read = loaded + rejected + unchanged, always.
public struct BatchResult: Hashable, Sendable {
  /// How it ended.
  public enum Outcome: Hashable, Sendable {
    /// Its good rows are in the tables.
    case loaded
    /// The same bytes were loaded before, by the batch that is named.
    case unchanged
    /// Not one row of it is in the tables; the sentence says why.
    case failed(String)
  }

  /// Path of the file inside the imported folder.
  public let fileName: String
  /// Name of the dataset.
  public let dataset: String
  /// Key of the batch; nil if a failure could not even be recorded.
  public let batch: Int64?
  /// How it ended.
  public let outcome: Outcome
  /// Data rows in the file.
  public var read = 0
  /// Rows that are new in the tables.
  public var loaded = 0
  /// Rows kept out.
  public var rejected = 0
  /// Rows that the tables held already.
  public var unchanged = 0
  /// Of a file that is unchanged: how many of its rows the batch that is named had rejected.
  public var rejectedBefore = 0
  /// The first few reasons, for the screen; all are in `bank.rejected_row`.
  public var firstRejections: [Rejection] = []
  /// What the rules of coverage had against its assignments and let pass; up to a hundred.
  public var warnings: [String] = []
  /// Tables of schema `bank` of which the planner should learn that they have grown.
  var grownTables: Set<String> = []
}
