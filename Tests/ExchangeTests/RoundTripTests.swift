import Exchange
import Foundation
import Testing

@Suite("What is written is read back")
struct RoundTripTests {
  private func roundTrip(
    _ records: [[String?]], _ dialect: CSVDialect, encoding: TextEncoding = .utf8, piece: Int
  ) throws -> [[String?]] {
    let columns = (0..<(records.first?.count ?? 1)).map { Column("c\($0)") }
    let sink = try OutputSink.memory(encoding: encoding)
    let writer = try DelimitedWriter(columns: columns, dialect: dialect, to: sink)
    for record in records { try writer.write(record.map { $0.map(Cell.text) ?? .null }) }
    try writer.finish()
    let reader = try CSVReader(
      MemorySource(sink.bytes, piece: piece), dialect: dialect, encoding: encoding, chunk: piece)
    var result: [[String?]] = []
    while let record = try reader.next() {
      #expect(record.problem == nil, "\(record.rawText)")
      result.append(
        (0..<record.fieldCount).map { index in
          record.field(index).isEmpty && !record.wasQuoted(index) ? nil : record.string(index)
        })
    }
    return result
  }

  @Test("Random records of hostile characters, in any pieces", arguments: UInt64(0)..<60)
  func property(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let alphabet: [String] = [
      ",", "\"", "\n", "\r", "\r\n", "\t", ";", "|", " ", "a", "0", "'", "\\", "上", "乗", "亅", "é",
      "😀", "\u{FEFF}", "\u{1}", "\u{7F}", "\u{2028}", "e\u{301}", "\"\"", "=1+1",
    ]
    let width = Int.random(in: 1...6, using: &random)
    let records: [[String?]] = (0..<Int.random(in: 1...40, using: &random)).map { _ in
      (0..<width).map { _ in
        if Int.random(in: 0..<6, using: &random) == 0 { return nil }
        return (0..<Int.random(in: 0...8, using: &random)).map { _ in
          alphabet.randomElement(using: &random)!
        }.joined()
      }
    }
    let dialects: [CSVDialect] = [
      .csv, .tsv, CSVDialect(separator: UInt8(ascii: "|"), quote: UInt8(ascii: "'")),
      CSVDialect(trimsBlanks: true),
    ]
    let dialect = dialects.randomElement(using: &random)!
    let encoding: TextEncoding = Bool.random(using: &random) ? .utf8 : .gb18030
    for piece in [1, 2, 3, Int.random(in: 4...64, using: &random), 1 << 16] {
      let result = try roundTrip(records, dialect, encoding: encoding, piece: piece)
      #expect(result == records, "seed \(seed), pieces of \(piece)")
    }
  }

  @Test("The big list of naughty strings")
  func naughtyStrings() throws {
    guard let folder = sharedFolder("conformance/blns") else { return }
    let json = try Data(contentsOf: folder.appendingPathComponent("blns.json"))
    let strings = try JSONDecoder().decode([String].self, from: json)
    #expect(strings.count == 515)
    let records = strings.map { [$0, "x", $0] as [String?] }
    for dialect in [CSVDialect.csv, .tsv] {
      for encoding in [TextEncoding.utf8, .gb18030] {
        let result = try roundTrip(records, dialect, encoding: encoding, piece: 37)
        // Compared as code points: two strings that look alike must not pass for the same.
        #expect(
          result.map { $0.map { Array(($0 ?? "").unicodeScalars) } }
            == records.map { $0.map { Array(($0 ?? "").unicodeScalars) } })
      }
    }
    let sink = try OutputSink.memory()
    let writer = try OutputFormat.json.writer(columns: [Column("s")], to: sink)
    for string in strings { try writer.write([.text(string)]) }
    try writer.finish()
    let objects = try JSONDecoder().decode([[String: String]].self, from: Data(sink.bytes))
    #expect(objects.map { $0["s"] } == strings)
  }
}

/// SplitMix64, so that a failing case can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
