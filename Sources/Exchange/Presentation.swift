import Quantities

/// How the numbers of a column are shown to people. Data have them as they are.
public enum NumberFormat: String, CaseIterable, Hashable, Sendable {
  /// With a comma after each group of three digits.
  case grouped
  /// As they are: numbers of batches, years.
  case plain
  /// Already a percentage: 12.5 is shown as 12.5%.
  case percent
}

/// How a table looks on a screen.
public struct TableStyle: Hashable, Sendable {
  /// How many columns of characters the screen has; nil to write lines as long as they come.
  public var width: Int?
  /// Whether headings are bold and negative numbers red.
  public var isColoured: Bool
  /// The language of the words that are added.
  public var language: Language

  /// As wide as it comes, without colours, in English unless told otherwise.
  public init(width: Int? = nil, isColoured: Bool = false, language: Language = .en) {
    self.width = width
    self.isColoured = isColoured
    self.language = language
  }
}

extension Column {
  /// A value of this column as people read it.
  public func shown(_ cell: Cell) -> String {
    switch (cell, format) {
    case (.decimal(let number), .grouped): number.grouped
    case (.integer(let number), .grouped): ExactDecimal(number).grouped
    case (.decimal, .percent), (.integer, .percent): cell.plainText + "%"
    default: cell.plainText
    }
  }
}

extension Cell {
  /// Whether it is a number below zero.
  var isNegative: Bool {
    switch self {
    case .integer(let number): number < 0
    case .decimal(let number): number.isNegative
    default: false
    }
  }
}

/// The exact sums of those columns that have one.
public struct ColumnTotals: Sendable {
  private let columns: [Column]
  /// The sum of each column; nil where there is none.
  public private(set) var sums: [ExactDecimal?]

  /// Begins with nothing.
  public init(_ columns: [Column]) {
    self.columns = columns
    sums = columns.map { $0.isSummed ? .zero : nil }
  }

  /// Whether any column is summed.
  public var isWanted: Bool { columns.contains(where: \.isSummed) }

  /// Adds a row. A sum that outgrows 38 digits is not shown.
  public mutating func add(_ row: [Cell]) {
    for (index, cell) in row.enumerated() where columns[index].isSummed {
      let number: ExactDecimal? =
        switch cell {
        case .integer(let number): ExactDecimal(number)
        case .decimal(let number): number
        default: .zero
        }
      sums[index] = sums[index].flatMap { sum in number.flatMap { try? sum + $0 } }
    }
  }

  /// The last line of a table: the sums, and the word for them in the first column without one.
  public func row(_ language: Language) -> [Cell] {
    let place = columns.firstIndex { !$0.isSummed }
    return columns.enumerated().map { index, column in
      if column.isSummed { return sums[index].map { Cell.decimal($0) } ?? .null }
      return index == place ? .text(language.word(.total)) : .null
    }
  }
}

/// A text that takes no more columns of a terminal than it may; what is cut off leaves a mark.
func shortened(_ text: String, to width: Int) -> String {
  if displayWidth(text) <= width { return text }
  var (shorter, used) = ("", 1)
  for character in text {
    used += displayWidth(String(character))
    if used > width { break }
    shorter.append(character)
  }
  return shorter + "…"
}
