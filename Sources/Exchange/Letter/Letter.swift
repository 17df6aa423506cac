import Quantities

/// What one person is given on paper: figures in large type, bars, tables, and what there is to say
/// about them. It knows no place on any page; ``LetterPage`` makes a page for a browser of it, and
/// ``LetterPaper`` a PDF.
public struct Letter: Sendable {
  /// A figure in large type at the top.
  public struct Figure: Hashable, Sendable {
    /// What it is.
    public let title: String
    /// The figure as it is shown.
    public let text: String
    /// Whether it is the one that everything leads to.
    public let isMain: Bool

    /// A figure.
    public init(_ title: String, _ text: String, isMain: Bool = false) {
      (self.title, self.text, self.isMain) = (title, text, isMain)
    }
  }

  /// A bar that shows how much of something was reached.
  public struct Gauge: Hashable, Sendable {
    /// What was to be reached.
    public let title: String
    /// What was reached, against what.
    public let detail: String
    /// How much of it, as it is shown.
    public let text: String
    /// How much of it; 1 is all.
    public let attained: ExactDecimal

    /// A bar.
    public init(_ title: String, detail: String, text: String, attained: ExactDecimal) {
      (self.title, self.detail, self.text, self.attained) = (title, detail, text, attained)
    }
  }

  /// A part of a whole, as a stretch of one bar.
  public struct Part: Hashable, Sendable {
    /// What it is.
    public let title: String
    /// The part as it is shown.
    public let text: String
    /// The part of 1 that it is.
    public let share: ExactDecimal

    /// A part.
    public init(_ title: String, _ text: String, share: ExactDecimal) {
      (self.title, self.text, self.share) = (title, text, share)
    }
  }

  /// A row of a table.
  public struct Row: Hashable, Sendable {
    /// A cell for each column.
    public let cells: [Cell]
    /// What stands below them in small print.
    public let notes: [String]
    /// Whether it sums up those above.
    public let isTotal: Bool

    /// A row.
    public init(_ cells: [Cell], notes: [String] = [], isTotal: Bool = false) {
      (self.cells, self.notes, self.isTotal) = (cells, notes, isTotal)
    }
  }

  /// A part of the letter, with its heading.
  public enum Block: Sendable {
    /// One bar that is divided into parts.
    case split(title: String, [Part])
    /// Bars that show how much was reached; the mark in each is all of it.
    case gauges(title: String, [Gauge], note: String)
    /// Rows and columns.
    case table(title: String, [Column], [Row], note: String)
    /// Paragraphs.
    case text(title: String, [String])
  }

  /// What it is.
  public var title: String
  /// What it is for: the month.
  public var subtitle: String
  /// What stands across it, such as that it is a draft; nil for nothing.
  public var stamp: String?
  /// Whom and what it is about.
  public var facts: [TableNotes.Fact]
  /// The figures at the top.
  public var figures: [Figure]
  /// What follows.
  public var blocks: [Block]
  /// The line at the foot of each page.
  public var footer: String
  /// Its language.
  public var language: Language

  /// A letter.
  public init(
    title: String, subtitle: String, stamp: String? = nil, facts: [TableNotes.Fact],
    figures: [Figure], blocks: [Block], footer: String, language: Language
  ) {
    self.title = title
    self.subtitle = subtitle
    self.stamp = stamp
    self.facts = facts
    self.figures = figures
    self.blocks = blocks
    self.footer = footer
    self.language = language
  }

  /// Whether a fact takes the room of two.
  static func isWide(_ fact: TableNotes.Fact) -> Bool { displayWidth(fact.value) > 24 }

  /// The colours of a letter, by what they are for.
  enum Ink {
    static let text = "#1f2933"
    static let quiet = "#66717e"
    static let rule = "#dfe4ea"
    static let main = "#14532d"
    static let bar = "#2f855a"
    static let paleBar = "#a7d3ba"
    static let track = "#edf1f4"
    static let minus = "#a61b1b"
    static let stamp = "#b45309"
  }
}

extension Letter.Gauge {
  /// How far the bar reaches: its mark stands at two thirds, and what lies beyond the end is cut.
  var length: Double { min(max(Double("\(attained)") ?? 0, 0), 1.5) / 1.5 }
  /// Where the mark of all of it stands.
  static let mark = 1 / 1.5
}
