import Exchange

/// What a reader says about one record, kept beyond the next one.
struct ReadRecord: Equatable, CustomStringConvertible {
  var line: Int
  var fields: [String]
  var problem: CSVProblem?
  var text: String

  var description: String { "\(line): \(fields) \(problem.map(String.init(describing:)) ?? "")" }
}

/// Reads everything after the header.
func readAll(_ reader: CSVReader) throws -> [ReadRecord] {
  var records: [ReadRecord] = []
  while let record = try reader.next() {
    records.append(
      ReadRecord(
        line: record.lineNumber, fields: (0..<record.fieldCount).map(record.string),
        problem: record.problem, text: record.rawText))
  }
  return records
}

/// Reads bytes in pieces of a given size.
func readAll(
  _ bytes: some Sequence<UInt8>, _ dialect: CSVDialect = .csv, encoding: TextEncoding = .utf8,
  piece: Int = .max
) throws -> [ReadRecord] {
  try readAll(
    CSVReader(
      MemorySource(bytes, piece: piece), dialect: dialect, encoding: encoding,
      chunk: min(piece, CSVReader.defaultChunk)))
}

/// Reads a text.
func readAll(
  _ text: String, _ dialect: CSVDialect = .csv, piece: Int = .max
) throws -> [ReadRecord] {
  try readAll(Array(text.utf8), dialect, piece: piece)
}

/// Just the fields of the records of a text.
func fields(
  _ text: String, _ dialect: CSVDialect = .csv, piece: Int = .max
) throws -> [[String]] {
  try readAll(text, dialect, piece: piece).map(\.fields)
}
