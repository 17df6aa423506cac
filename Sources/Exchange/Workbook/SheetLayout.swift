/// How a sheet of a workbook is set up.
public struct SheetLayout: Sendable {
  /// A column of a sheet.
  public struct Column: Sendable {
    /// The heading.
    public let title: String
    /// What its values are, which decides how they are shown.
    public let kind: ColumnKind
    /// How many characters of a terminal's width it shows.
    public let width: Int
    /// Cells below the heading take only values from the column of this number, from 1, of the sheet
    /// of choices; nil to take anything.
    public let choices: ChoiceList?

    /// How its numbers are shown; nil for whole numbers as they are and amounts with separators.
    public let format: NumberFormat?

    /// A column as wide as its heading unless told otherwise.
    public init(
      _ title: String, _ kind: ColumnKind = .text, width: Int? = nil, choices: ChoiceList? = nil,
      format: NumberFormat? = nil
    ) {
      self.title = title
      self.kind = kind
      self.format = format
      // Room for the arrow of the filter.
      self.width = max(width ?? 0, displayWidth(title) + 4)
      self.choices = choices
    }
  }

  /// The cells of a column of another sheet that a cell may choose from.
  public struct ChoiceList: Hashable, Sendable {
    /// The name of that sheet.
    public let sheet: String
    /// Which column of it, from 0.
    public let column: Int
    /// How many values stand there, from the second row on.
    public let count: Int

    /// The first values of a column of a sheet.
    public init(sheet: String, column: Int, count: Int) {
      self.sheet = sheet
      self.column = column
      self.count = count
    }
  }

  /// Who can see a sheet.
  public enum Visibility: String, Sendable {
    /// Everybody.
    case visible
    /// Who asks Excel to show it.
    case hidden
    /// Nobody who does not write a program.
    case veryHidden
  }

  /// What its tab says. What Excel does not take in a name is replaced.
  public let name: String
  /// The columns from the left.
  public let columns: [Column]
  /// Who sees it.
  public let visibility: Visibility

  /// A sheet with a heading for each column.
  public init(name: String, columns: [Column], visibility: Visibility = .visible) {
    self.name = Self.accepted(name)
    self.columns = columns
    self.visibility = visibility
  }

  /// The longest name of a sheet, in UTF-16 units.
  static let nameLimit = 31

  /// A name as Excel takes it.
  static func accepted(_ name: String) -> String {
    var text = String(name.map { "[]:*?/\\".contains($0) || $0.isNewline ? "-" : $0 })
    while text.utf16.count > nameLimit { text.removeLast() }
    while text.hasPrefix("'") { text.removeFirst() }
    while text.hasSuffix("'") { text.removeLast() }
    return text.isEmpty ? "Sheet" : text
  }

  /// The same sheet, as the continuation of one that is full.
  func continued(_ number: Int) -> SheetLayout {
    SheetLayout(
      name: Self.name(name, ending: " (\(number))"), columns: columns, visibility: visibility)
  }

  /// A name with an ending that Excel does not cut off, whatever the name's length.
  static func name(_ start: String, ending: String) -> String {
    var start = start
    while start.utf16.count + ending.utf16.count > nameLimit { start.removeLast() }
    return start + ending
  }
}

/// The letters of a column, counted from 0: A, Z, AA.
func columnLetters(_ index: Int) -> String {
  var letters = ""
  var rest = index
  repeat {
    letters = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(rest % 26))) + letters
    rest = rest / 26 - 1
  } while rest >= 0
  return letters
}
