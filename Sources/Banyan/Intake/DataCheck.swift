import Quantities

/// What a batch is checked for as a whole once its rows are in place, written in YAML in the folder `checks`
/// next to the mappings (docs/mappings.md).
public struct DataCheck: Sendable {
  /// What it means not to pass.
  public enum Severity: String, Hashable, Sendable, CaseIterable {
    /// It is shown and kept.
    case warning
    /// The batch is kept out.
    case error
  }

  /// A part of the rows whose amounts are summed.
  struct Sum: Sendable {
    let column: String
    /// For each column the word that a row of the part has.
    let words: [(column: String, word: String)]
  }

  /// What is looked at.
  enum Kind: Sendable {
    case notNull(column: String)
    case range(column: String, from: Bound?, to: Bound?)
    case sumEquals(Sum, other: Sum?, value: ExactDecimal, within: ExactDecimal)
    case refersTo(column: String, table: String, key: String)
    /// The rows of a branch and month, or their sum of a column, against those of the month before.
    case lastPeriod(sumOf: String?, withinPercent: ExactDecimal)
    /// Values further from the mean than so many standard deviations.
    case outliers(column: String, deviations: ExactDecimal)

    /// The name in YAML and on record.
    var name: String {
      switch self {
      case .notNull: "not_null"
      case .range: "range"
      case .sumEquals: "sum_equals"
      case .refersTo: "refers_to"
      case .lastPeriod: "last_period"
      case .outliers: "outliers"
      }
    }
  }

  /// An end of a range.
  enum Bound: Sendable {
    case number(ExactDecimal)
    case day(CivilDate)

    /// As a literal of SQL.
    var literal: String {
      switch self {
      case .number(let number): "\(number)"
      case .day(let day): "date '\(day)'"
      }
    }

    var words: String {
      switch self {
      case .number(let number): "\(number)"
      case .day(let day): "\(day)"
      }
    }
  }

  /// How much of what is against it is let pass.
  enum Threshold: Sendable {
    case rows(Int)
    case percent(ExactDecimal)

    func lets(pass against: Int, of checked: Int) -> Bool {
      switch self {
      case .rows(let rows): return against <= rows
      case .percent(let percent):
        guard let part = try? percent * ExactDecimal(checked) else { return false }
        return ExactDecimal(against * 100) <= part
      }
    }

    var words: String {
      switch self {
      case .rows(0): "none is let pass"
      case .rows(let rows): "at most \(rows) are let pass"
      case .percent(let percent): "at most \(percent) % are let pass"
      }
    }
  }

  /// What it is called.
  public let title: String
  /// The dataset whose batches it looks at.
  public let dataset: Dataset
  let kind: Kind
  /// What it means not to pass.
  public let severity: Severity
  let threshold: Threshold
  /// Codes of the branches whose rows it looks at, with all below them; none for all rows.
  let branches: [String]
}

/// What a check has found in a batch.
public struct CheckFinding: Hashable, Sendable {
  /// What the check is called.
  public let title: String
  /// Its kind, such as `not_null`.
  public let kind: String
  /// What it means not to pass.
  public let severity: DataCheck.Severity
  /// Whether what was found stays within the threshold.
  public let hasPassed: Bool
  /// Rows that it looked at.
  public let rowsChecked: Int
  /// Rows that are against it.
  public let rowsAgainst: Int
  /// Lines of the first of these.
  public let sampleLines: [Int]
  /// What was found, in a sentence.
  public let sentence: String
}
