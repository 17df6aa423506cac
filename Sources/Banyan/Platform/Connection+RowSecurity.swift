import LibPQ

extension Connection {
  /// Whether policies decide which rows of a table this login sees: they do for everybody but the
  /// owner of the schema and superusers.
  func isUnderPolicies(_ table: Identifier) throws -> Bool {
    let name = table.parts.joined(separator: ".")
    return try value("select row_security_active(\(name)::text)", as: Bool.self)
  }

  /// Copies rows into a table. Where policies decide about the rows, which COPY refuses to ask, they
  /// go into a temporary table first and from there by INSERT, which does.
  func copyMindingPolicies(
    into table: Identifier, columns: [String], _ body: (inout BinaryCopyWriter) throws -> Void
  ) throws {
    guard try isUnderPolicies(table) else {
      try copyBinary(into: table, columns: columns, body)
      return
    }
    var list: Query = "\(identifier: columns[0])"
    for column in columns.dropFirst() { list = "\(query: list), \(identifier: column)" }
    try execute("drop table if exists pg_temp.rows_to_be_added")
    try execute(
      """
      create temporary table rows_to_be_added on commit drop as
      select \(query: list) from \(identifier: table) limit 0
      """)
    try copyBinary(into: "rows_to_be_added", columns: columns, body)
    try execute(
      """
      insert into \(identifier: table) (\(query: list)) select \(query: list) from pg_temp.rows_to_be_added
      """)
    try execute("drop table pg_temp.rows_to_be_added")
  }
}
