import Quantities

/// What the values of a column are, which decides how they are aligned and written as data.
public enum ColumnKind: Hashable, Sendable {
  /// Any text, such as a name or a code.
  case text
  /// Whole numbers, such as counts.
  case integer
  /// Exact decimals, such as amounts of money and rates.
  case amount
  /// Days.
  case date
  /// Truths.
  case boolean
  /// Values that are JSON themselves.
  case json
}

/// The side of a column to which its values are pushed.
public enum Alignment: Hashable, Sendable {
  /// To the left, as text.
  case left
  /// To the right, as numbers.
  case right
}

/// A column of a table that is about to be written.
public struct Column: Hashable, Sendable {
  /// The name in the header, and the key in JSON.
  public let name: String
  /// What its values are.
  public let kind: ColumnKind
  /// Where they stand for people to read.
  public let alignment: Alignment
  /// What people call it.
  public let title: String
  /// How its numbers are shown to people.
  public let format: NumberFormat
  /// Whether people see the sum of its numbers below the table.
  public let isSummed: Bool

  /// A column; numbers stand to the right, amounts with commas between their thousands, and the
  /// title is the name unless told otherwise.
  public init(
    _ name: String, _ kind: ColumnKind = .text, alignment: Alignment? = nil, title: String? = nil,
    format: NumberFormat? = nil, isSummed: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.alignment = alignment ?? (kind == .integer || kind == .amount ? .right : .left)
    self.title = title ?? name
    self.format = format ?? (kind == .amount ? .grouped : .plain)
    self.isSummed = isSummed
  }
}

/// One value of a table.
public enum Cell: Hashable, Sendable {
  /// A text, which may be empty; an empty text is not a missing value.
  case text(String)
  /// A whole number.
  case integer(Int64)
  /// An exact number, written with all its digits.
  case decimal(ExactDecimal)
  /// A day, written as `2026-01-31`.
  case date(CivilDate)
  /// A truth, written as `true` or `false`.
  case boolean(Bool)
  /// No value.
  case null

  /// The value as plain text; none for a missing one.
  public var plainText: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    case .decimal(let number): number.description
    case .date(let date): date.description
    case .boolean(let truth): truth ? "true" : "false"
    case .null: ""
    }
  }
}
