import Exchange
import Foundation
import LibPQ

/// What every table, view and column means, from the comments that the schema itself carries, and where the
/// values of a file go: from its column to the reports that read it.
public struct DataDictionary: Sendable {
  /// A table or a view.
  struct Relation: Sendable {
    /// Name with its schema.
    let name: String
    let isView: Bool
    let meaning: String
    let columns: [RelationColumn]
  }

  /// A column of a table or a view.
  struct RelationColumn: Sendable {
    let name: String
    let type: String
    let mayBeNull: Bool
    let meaning: String
  }

  let relations: [Relation]
  let lineage: [Lineage]
  private let markdownOfSchema: String

  /// Reads the catalogue of a migrated database, and the mappings and reports of an installation.
  public init(files: InstalledFiles, on connection: isolated Connection) throws {
    markdownOfSchema = try connection.rows(
      Query(unsafeSQL: try files.text(of: "SQL/documentation/data-dictionary.sql")),
      as: String.self, limit: .max
    ).map { $0 + "\n" }.joined()
    relations = try Self.relations(on: connection)
    lineage = try Lineage.all(files: files, relations, on: connection)
  }

  private static func relations(on connection: isolated Connection) throws -> [Relation] {
    var columns: [String: [RelationColumn]] = [:]
    try connection.forEachRow(
      """
      select n.nspname || '.' || c.relname, a.attname::text, format_type(a.atttypid, a.atttypmod),
        not a.attnotnull and c.relkind in ('r', 'p'), coalesce(col_description(c.oid, a.attnum), '')
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace and n.nspname in ('bank', 'report', 'platform')
      join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
      order by c.oid, a.attnum
      """, as: (String, String, String, Bool, String).self
    ) { relation, name, type, mayBeNull, meaning in
      columns[relation, default: []].append(
        RelationColumn(name: name, type: type, mayBeNull: mayBeNull, meaning: meaning))
    }
    return try connection.rows(
      """
      select n.nspname || '.' || c.relname, c.relkind in ('v', 'm'), coalesce(obj_description(c.oid, 'pg_class'), '')
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace and n.nspname in ('bank', 'report', 'platform')
      where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
      order by array_position(array['report', 'bank', 'platform'], n.nspname::text), c.relname collate "C"
      """, as: (String, Bool, String).self, limit: .max
    ).map { name, isView, meaning in
      Relation(name: name, isView: isView, meaning: meaning, columns: columns[name] ?? [])
    }
  }

  // MARK: - Writing

  /// The dictionary in Markdown.
  public func writeMarkdown(to sink: OutputSink) throws {
    try sink.write(markdownOfSchema)
    try sink.write("\n## \(Lineage.title)\n\n\(Lineage.meaning)\n\n")
    let writer = try MarkdownWriter(columns: Lineage.columns, to: sink)
    for origin in lineage { try writer.write(origin.row) }
    try writer.finish()
  }

  /// The dictionary as one page for a browser.
  public func writePage(to sink: OutputSink) throws {
    let page = try HTMLPage(
      title: "Data dictionary", language: .en,
      contents: [Lineage.title] + relations.map(\.name), to: sink)
    let writer = try HTMLTableWriter(
      columns: Lineage.columns, page: page,
      notes: TableNotes(title: Lineage.title, description: Lineage.meaning))
    for origin in lineage { try writer.write(origin.row) }
    try writer.finish()
    for relation in relations {
      let writer = try HTMLTableWriter(
        columns: [Column("column"), Column("type"), Column("null"), Column("meaning")], page: page,
        notes: TableNotes(
          title: relation.name,
          description: (relation.isView ? "View. " : "") + relation.meaning + "."))
      for column in relation.columns {
        try writer.write([
          .text(column.name), .text(column.type), .text(column.mayBeNull ? "yes" : ""),
          .text(column.meaning),
        ])
      }
      try writer.finish()
    }
    try page.finish()
  }
}
