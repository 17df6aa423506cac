import Documents
import Exchange
import Foundation

/// A report of the catalogue: an SQL file that anybody can read, run with psql, copy and change,
/// with a header in YAML that says what it takes, what it prints and for whom it is.
public struct Report: Sendable {
  /// What a parameter takes.
  public enum ParameterType: String, Sendable, CaseIterable {
    /// A month as YYYY-MM.
    case month
    /// A day as YYYY-MM-DD.
    case date
    /// A whole number.
    case integer
    /// Any text.
    case text
    /// The code of a unit of the org tree.
    case unit
  }

  /// A parameter, which stands as `:'name'` in the SQL, as psql writes it.
  public struct Parameter: Sendable {
    /// Name in `name=value`.
    public let name: String
    /// What it takes.
    public let type: ParameterType
    /// What it means.
    public let description: Wording
    /// The value if none is given; nil if one must be. It may be a word that the type has not, such
    /// as `today`, which the statement understands.
    public let standard: String?
    /// All that it takes; none if anything of the type will do.
    public let choices: [String]
  }

  /// A column that the report prints.
  public struct PrintedColumn: Sendable {
    /// Stable name, the same in every format and language.
    public let name: String
    /// Heading for people.
    public let title: Wording
    /// What it holds.
    public let kind: ColumnKind
    /// What it is counted in, which stands behind the heading; nil for plain numbers and texts.
    public let unit: Wording?
    /// How its numbers are shown to people; nil for what is usual.
    public let format: NumberFormat?
    /// Whether its sum stands below the table.
    public let isSummed: Bool
  }

  /// The unit that stands for the currency of the bank.
  static let currencyUnit = "currency"

  /// Name of the file without `.sql`.
  public let name: String
  /// Title in one line.
  public let title: Wording
  /// What it says, and how its figures are defined.
  public let description: Wording
  /// The parameters in the order of the header.
  public let parameters: [Parameter]
  /// The columns in the order of the output.
  public let columns: [PrintedColumn]
  /// What is drawn of it.
  public let chart: Chart?
  /// Roles one of which a login must hold to run it; none if it is for all who may read what it reads.
  public let roles: [String]
  /// The statement.
  public let sql: String

  /// Reads a report's file.
  ///
  /// - Throws: ``BanyanError`` that says what is wrong with the header, and where.
  public init(name: String, text: String) throws {
    let opening = "/* ---\n"
    guard text.hasPrefix(opening), let end = text.range(of: "\n--- */") else {
      throw BanyanError.data(
        "the report \(name) has no header; begin its file with /* --- and end the header with --- */"
      )
    }
    // A line for the opening, so that messages name the lines of the file.
    let yaml = "#\n" + text[text.index(text.startIndex, offsetBy: opening.count)..<end.lowerBound]
    let header: ReportHeader
    do {
      header = try Document.read(
        yaml: yaml, kind: "report's header", meanings: ReportHeader.keyMeanings, ReportHeader.init)
    } catch {
      throw BanyanError.data(
        error.problems.map { "the report \(name): \($0)" }.joined(separator: "\n"))
    }
    self.name = name
    title = header.title
    description = header.description
    parameters = header.parameters
    columns = header.columns
    chart = header.chart
    roles = header.roles
    sql = text[end.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension Report.ParameterType {
  /// A value of this form, for messages and trials.
  public var example: String {
    switch self {
    case .month: "2026-01"
    case .date: "2026-01-31"
    case .integer: "10"
    case .text: "TEXT"
    case .unit: "CODE"
    }
  }

  var phrase: String {
    switch self {
    case .month: "a month"
    case .date: "a day of the calendar"
    case .integer: "a whole number"
    case .text: "a text"
    case .unit: "the code of a unit"
    }
  }
}
