import Quantities

/// A table with a name, for formulas.
public struct LookupTable: Hashable, Sendable {
  /// The name.
  public let name: String
  /// How it is read.
  let content: Content

  enum Content: Hashable, Sendable {
    /// By tiers of a number.
    case schedule(RateSchedule)
    /// By names, such as tiers of people; nil for a name that has none.
    case names([String: ExactDecimal], otherwise: ExactDecimal?)
    /// By two of those.
    case matrix(rows: Axis, columns: Axis, values: [[ExactDecimal]])
  }

  /// One side of a matrix.
  enum Axis: Hashable, Sendable {
    /// Lower bounds of numbers, from the lowest; what lies below the first belongs to it.
    case bounds([ExactDecimal], RateSchedule.Boundary)
    /// Names.
    case names([String])

    var type: FormulaType {
      if case .names = self { .text } else { .number }
    }
  }

  /// What it is asked for.
  var types: [FormulaType] {
    switch content {
    case .schedule: [.number]
    case .names: [.text]
    case .matrix(let rows, let columns, _): [rows.type, columns.type]
    }
  }
}
