import LibPQ

extension Rejection {
  /// Writes the reasons of rows that were kept out; those of one row follow each other.
  static func write(
    _ rejections: [Rejection], batch: Int64, on connection: isolated Connection
  ) throws {
    if rejections.isEmpty { return }
    var line = 0
    var number: Int32 = 0
    try connection.copyMindingPolicies(
      into: Identifier("bank", "rejected_row"),
      columns: [
        "batch_id", "line_number", "reason_number", "code", "column_name", "value", "reason",
        "raw_row",
      ]
    ) { writer in
      for rejection in rejections {
        number = rejection.lineNumber == line ? number + 1 : 1
        line = rejection.lineNumber
        try writer.row(
          batch, Int64(line), number, rejection.code.rawValue, rejection.column, rejection.value,
          rejection.reason, rejection.rawRow)
      }
    }
  }

  /// Refuses the number of a batch that is not on record.
  static func requireBatch(_ batch: Int64, on connection: isolated Connection) throws {
    let isKnown = try connection.value(
      "select exists (select 1 from bank.batch where batch_id = \(batch))", as: Bool.self)
    if !isKnown {
      throw BanyanError.usage("there is no batch \(batch); see `banyan report run batches`")
    }
  }

  /// The reasons of a batch in the order of its lines.
  ///
  /// - Parameter limit: How many at most.
  /// - Throws: ``BanyanError`` if there is no such batch.
  public static func of(
    batch: Int64, limit: Int, on connection: isolated Connection
  ) throws -> [Rejection] {
    try requireBatch(batch, on: connection)
    return try connection.rows(
      """
      select line_number, code, column_name, value, reason, raw_row from bank.rejected_row
      where batch_id = \(batch) order by line_number, reason_number limit \(limit)
      """, as: (Int, String, String?, String?, String, String?).self, limit: limit
    ).compactMap { line, code, column, value, reason, rawRow in
      RejectionCode(rawValue: code).map {
        Rejection(
          lineNumber: line, code: $0, column: column, value: value, reason: reason, rawRow: rawRow)
      }
    }
  }
}
