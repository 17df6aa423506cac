import Quantities

/// What is drawn of a table.
public struct Chart: Hashable, Sendable {
  /// How it is drawn.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// A bar for each value.
    case bar
    /// A line through the values, for months and days.
    case line
  }

  /// Rows of a table that are drawn: those with a text in a column.
  public struct Condition: Hashable, Sendable {
    /// The column, from 0.
    public let column: Int
    /// What stands there.
    public let text: String

    /// Rows with a text in a column.
    public init(column: Int, text: String) {
      self.column = column
      self.text = text
    }
  }

  /// How it is drawn.
  public let kind: Kind
  /// The column that names the places along the axis, from 0.
  public let category: Int
  /// The columns whose numbers are drawn.
  public let values: [Int]
  /// The column whose texts each make a series of its own; nil for one a column of values.
  public let series: Int?
  /// Which rows are drawn; nil for all.
  public let only: Condition?

  /// A chart of some columns of a table.
  public init(
    _ kind: Kind, category: Int, values: [Int], series: Int? = nil, only: Condition? = nil
  ) {
    self.kind = kind
    self.category = category
    self.values = values
    self.series = series
    self.only = only
  }
}

/// The points of a chart, taken from the rows as they pass. Only so many are kept as can be drawn.
struct ChartData {
  /// More bars or points of time than these nobody can read.
  static let mostCategories = 60
  /// More colours than these nobody can tell apart.
  static let mostSeries = 8

  /// A number as it is drawn, and as it is written.
  struct Point {
    /// For the place on the paper only, so it need not be exact.
    let height: Double
    let text: String
    let cell: Cell
  }

  struct Series {
    let name: String
    /// By the number of the category.
    var points: [Int: Point] = [:]
  }

  let chart: Chart
  private let columns: [Column]
  private(set) var categories: [String] = []
  private(set) var series: [Series] = []
  private(set) var leftOut = 0
  private var categoryNumbers: [String: Int] = [:]
  private var seriesNumbers: [String: Int] = [:]

  init(_ chart: Chart, columns: [Column]) {
    self.chart = chart
    self.columns = columns
  }

  mutating func add(_ row: [Cell]) {
    if let only = chart.only, row[only.column].plainText != only.text { return }
    guard
      let category = Self.number(
        of: row[chart.category].plainText, in: &categoryNumbers, atMost: Self.mostCategories)
    else {
      leftOut += 1
      return
    }
    if category == categories.count { categories.append(row[chart.category].plainText) }
    for index in chart.values {
      let parts = [
        chart.series.map { row[$0].plainText },
        chart.series == nil || chart.values.count > 1 ? columns[index].title : nil,
      ]
      let name = parts.compactMap(\.self).joined(separator: ", ")
      guard let place = Self.number(of: name, in: &seriesNumbers, atMost: Self.mostSeries) else {
        leftOut += 1
        continue
      }
      if place == series.count { series.append(Series(name: name)) }
      guard row[index] != .null, let height = Double(row[index].plainText) else { continue }
      series[place].points[category] = Point(
        height: height, text: columns[index].shown(row[index]), cell: row[index])
    }
  }

  /// The number of a name in the order of appearance; nil for one too many.
  private static func number(
    of name: String, in numbers: inout [String: Int], atMost limit: Int
  ) -> Int? {
    if let number = numbers[name] { return number }
    guard numbers.count < limit else { return nil }
    numbers[name] = numbers.count
    return numbers.count - 1
  }
}
