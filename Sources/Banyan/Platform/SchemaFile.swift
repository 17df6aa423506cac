/// One of the SQL files that make the schema.
public struct SchemaFile: Hashable, Sendable {
  /// How a file is applied.
  public enum Kind: String, Hashable, Sendable {
    /// Once, in the order of the names, and never changed afterwards.
    case migration
    /// Again whenever its text has changed: functions, views and policies.
    case repeatable
  }

  /// Path below `SQL`, such as `schema/0001-intake.sql`.
  public let name: String
  /// How it is applied.
  public let kind: Kind
  /// The statements.
  public let text: String
  /// SHA-256 of the text, in hexadecimal digits.
  public let checksum: String

  init(name: String, kind: Kind, text: String) {
    self.name = name
    self.kind = kind
    self.text = text
    self.checksum = hexadecimal(Digest.of(text))
  }

  /// All files of an installation in the order in which they are applied: migrations by name, then
  /// functions, views and policies.
  public static func all(in files: InstalledFiles) throws -> [SchemaFile] {
    try [
      ("schema", Kind.migration), ("functions", .repeatable), ("views", .repeatable),
      ("policies", .repeatable),
    ].flatMap { folder, kind in
      try files.names(in: "SQL/\(folder)", endingIn: ".sql").map { name in
        SchemaFile(
          name: "\(folder)/\(name)", kind: kind, text: try files.text(of: "SQL/\(folder)/\(name)"))
      }
    }
  }
}
