import Documents
import Exchange
import Foundation
import Quantities

/// A report of the catalogue: an SQL file that anybody can read, run with psql, copy and change,
/// with a header in YAML that says what it takes and what it prints.
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
  }

  /// A parameter, which stands as `:'name'` in the SQL, as psql writes it.
  public struct Parameter: Sendable {
    /// Name in `name=value`.
    public let name: String
    /// What it takes.
    public let type: ParameterType
    /// What it means.
    public let description: String
    /// The value if none is given; nil if one must be.
    public let standard: String?
  }

  /// A column that the report prints.
  public struct PrintedColumn: Sendable {
    /// Stable name, the same in every format.
    public let name: String
    /// Heading for people.
    public let title: String
    /// What it holds.
    public let kind: ColumnKind
  }

  /// Name of the file without `.sql`.
  public let name: String
  /// Title in one line.
  public let title: String
  /// What it says, and how its figures are defined.
  public let description: String
  /// The parameters in the order of the header.
  public let parameters: [Parameter]
  /// The columns in the order of the output.
  public let columns: [PrintedColumn]
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
    let header = "#\n" + text[text.index(text.startIndex, offsetBy: opening.count)..<end.lowerBound]
    do {
      (title, description, parameters, columns) = try Document.read(
        yaml: header, kind: "report's header", meanings: Self.keyMeanings, Self.readHeader)
    } catch {
      throw BanyanError.data(
        error.problems.map { "the report \(name): \($0)" }.joined(separator: "\n"))
    }
    self.name = name
    self.sql = text[end.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let keyMeanings = [
    "title": "the report's title in one line", "description": "what the report says",
    "columns": "the columns that it prints, each with name, type and title",
    "name": "the name, in lower-case letters", "type": "what it holds",
  ]

  private static func readHeader(
    _ root: DocumentNode
  ) -> (String, String, [Parameter], [PrintedColumn])? {
    guard
      let top = DocumentMapping(root, keys: ["title", "description", "parameters", "columns"])
    else { return nil }
    let title = top.required("title")?.text("a title")
    let description = top.required("description")?.plainText
    let parameters = top.optional("parameters").map { $0.list(of: "the parameters", atMost: 20) }
    let read = (parameters ?? [])?.compactMap { item -> Parameter? in
      guard
        let keys = DocumentMapping(item, keys: ["name", "type", "description", "default"]),
        let name = keys.required("name")?.code(),
        let type = keys.required("type")?.choice(ParameterType.self)
      else { return nil }
      return Parameter(
        name: name, type: type, description: keys.optional("description")?.plainText ?? "",
        standard: keys.optional("default")?.plainText)
    }
    let columns = top.required("columns")?.list(of: "the columns", atMost: 200)?
      .compactMap { item -> PrintedColumn? in
        guard let keys = DocumentMapping(item, keys: ["name", "type", "title"]),
          let name = keys.required("name")?.code(),
          let type = keys.required("type")?.choice(among: ["text", "integer", "amount", "date"]),
          let title = keys.required("title")?.text("a heading")
        else { return nil }
        let kind: ColumnKind =
          switch type {
          case "integer": .integer
          case "amount": .amount
          case "date": .date
          default: .text
          }
        return PrintedColumn(name: name, title: title, kind: kind)
      }
    guard let title, let description, let read, let columns else { return nil }
    return (title, description.trimmingCharacters(in: .whitespacesAndNewlines), read, columns)
  }
}
