/// What is said about a table where there is room for it: on pages and in workbooks.
public struct TableNotes: Sendable {
  /// One thing that is known of how a table came about.
  public struct Fact: Hashable, Sendable {
    /// What it is.
    public let name: String
    /// What is known.
    public let value: String

    /// A fact.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The heading; may be empty.
  public var title: String
  /// A paragraph below it; may be empty.
  public var description: String
  /// How the table came about. Where there are facts, the number of rows is added to them.
  public var facts: [Fact]
  /// What is drawn of the table.
  public var chart: Chart?

  /// Notes; none unless told otherwise.
  public init(
    title: String = "", description: String = "", facts: [Fact] = [], chart: Chart? = nil
  ) {
    self.title = title
    self.description = description
    self.facts = facts
    self.chart = chart
  }
}
