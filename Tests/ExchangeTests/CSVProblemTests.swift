import Exchange
import Foundation
import Testing

@Suite("Records that are not sound")
struct CSVProblemTests {
  private func problems(_ text: String, piece: Int = .max) throws -> [Int: CSVProblem] {
    try problems(Array(text.utf8), piece: piece)
  }

  private func problems(
    _ bytes: [UInt8], encoding: TextEncoding = .utf8, piece: Int = .max
  ) throws -> [Int: CSVProblem] {
    let bad = try readAll(bytes, encoding: encoding, piece: piece).filter { $0.problem != nil }
    return Dictionary(uniqueKeysWithValues: bad.map { ($0.line, $0.problem!) })
  }

  @Test("Ragged records keep their fields and are never padded")
  func ragged() throws {
    let records = try readAll("a,b,c\n1,2\n1,2,3\n1,2,3,4\n")
    #expect(records[0].problem == .ragged(expected: 3, found: 2))
    #expect(records[0].fields == ["1", "2"])
    #expect(records[1].problem == nil)
    #expect(records[2].problem == .ragged(expected: 3, found: 4))
    let headless = CSVDialect(hasHeader: false)
    #expect(try readAll("1,2\n3\n", headless)[1].problem == .ragged(expected: 2, found: 1))
  }

  @Test("A last line that was cut inside a quoted field", arguments: [1, 7, 1000])
  func unclosed(piece: Int) throws {
    let records = try readAll("a,b\n1,2\n3,\"PRIJE", piece: piece)
    #expect(records.map(\.line) == [2, 3])
    #expect(records[1].problem == .unclosedQuote(field: 2))
    #expect(records[1].text == "3,\"PRIJE")
  }

  @Test("A stray quote costs its own line, not the rest of the file", arguments: [1, 7, 1000])
  func strayQuote(piece: Int) throws {
    let plain = try readAll("a,b\n1,\"x\n2,y\n3,z\n", piece: piece)
    #expect(plain.map(\.line) == [2, 3, 4])
    #expect(plain.map(\.problem) == [.unclosedQuote(field: 2), nil, nil])
    // Here the stray quote is taken as closed by the next one, which shows in the text after it.
    let quoted = try readAll("a,b\n1,\"x\n2,\"y\"\n3,\"z\"\n", piece: piece)
    #expect(quoted.map(\.line) == [2, 3, 4])
    #expect(quoted.map(\.problem) == [.textAfterQuote(field: 2), nil, nil])
    #expect(quoted[2].fields == ["3", "z"])
  }

  @Test("A stray quote in a file larger than the limit is given up at the limit")
  func strayQuoteFarFromTheEnd() throws {
    let lines = (0..<200_000).map { "\($0),abcdef\n" }
    let text = "a,b\n1,\"x\n" + lines.joined()
    let records = try readAll(text)
    #expect(records.count == 200_001)
    #expect(records[0].problem == .unclosedQuote(field: 2))
    #expect(records.dropFirst().allSatisfy { $0.problem == nil })
    #expect(records.last?.line == 200_002)
  }

  @Test("Text after a closing quote")
  func textAfterQuote() throws {
    let records = try readAll("a,b\n\"x\"y,2\n\"x\" ,2\n3,4\n")
    #expect(
      records.map(\.problem) == [.textAfterQuote(field: 1), .textAfterQuote(field: 1), nil])
    #expect(records[0].text == "\"x\"y,2")
  }

  @Test("A line over the limit is dropped alone, with its beginning to show")
  func tooLong() throws {
    let long = String(repeating: "长", count: CSVReader.recordLimit / 3)
    for end in ["\n", "\r\n", "\r"] {
      let records = try readAll("a,b\(end)1,2\(end)\(long),3\(end)4,5\(end)")
      #expect(records.map(\.line) == [2, 3, 4])
      #expect(records[1].problem == .tooLong)
      #expect(records[1].text == String(long.prefix(341)))
      #expect(records[2].fields == ["4", "5"])
    }
    let last = try readAll("a,b\n\(long)\(long)")
    #expect(last.map(\.problem) == [.tooLong])
  }

  @Test("A line just below the limit is read")
  func almostTooLong() throws {
    let field = String(repeating: "x", count: CSVReader.recordLimit - 3)
    let records = try readAll("a,b\n1,\(field)\n2,y\n")
    #expect(records.map(\.problem) == [nil, nil])
    #expect(records[0].fields[1] == field)
  }

  @Test("Zero bytes")
  func zeroBytes() throws {
    #expect(
      try problems("a,b\n1,x\0y\n\"\0\",2\n3,4\n") == [
        2: .zeroByte(field: 2), 3: .zeroByte(field: 1),
      ])
  }

  @Test("Bytes that are not UTF-8, with their value", arguments: [1, 3, 1000])
  func undecodable(piece: Int) throws {
    let header = Array("a,b\n".utf8)
    // A stray byte, an overlong slash, a surrogate, a character cut short, one beyond Unicode.
    let bad: [[UInt8]] = [
      [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE4, 0xB8], [0xF4, 0x90, 0x80, 0x80],
    ]
    for bytes in bad {
      let file = header + Array("1,x".utf8) + bytes + Array("\n2,上海\n".utf8)
      let records = try readAll(file, piece: piece)
      #expect(records.map(\.problem) == [.undecodable(field: 2, byte: bytes[0]), nil])
      #expect(records[0].text.hasPrefix("1,x\\x"))
    }
  }

  @Test("A header that cannot be used stops the file with its line")
  func header() throws {
    #expect(
      throws: FileProblem.unusableHeader(
        path: "memory", line: 1, problem: .unclosedQuote(field: 2))
    ) { try CSVReader(MemorySource("a,\"b\n1,2\n".utf8)) }
    #expect(throws: FileProblem.empty(path: "memory")) {
      try CSVReader(MemorySource("\n\n".utf8))
    }
  }

  @Test("A first line that is no header is refused in few words, however long it is")
  func noHeader() throws {
    for (text, words) in [
      (String(repeating: "[", count: 200_000), "field 1 of its first line has 200000 bytes"),
      (String(repeating: ",", count: 500_000), "its first line has 500001 fields"),
    ] {
      let refusal = #expect(throws: FileProblem.self) {
        try CSVReader(MemorySource((text + "\n1\n").utf8))
      }
      #expect(refusal?.description.contains(words) == true)
      #expect((refusal?.description.utf8.count ?? 0) < 300)
    }
  }

  @Test("Every problem is a sentence for a person")
  func sentences() {
    #expect(
      "\(CSVProblem.ragged(expected: 3, found: 1))" == "it has 1 field where the header has 3")
    #expect(
      "\(CSVProblem.undecodable(field: 2, byte: 0x0F))"
        == "field 2 holds the byte 0x0F, which is no text in its encoding")
  }

  @Test("A real bank's file that was cut in the middle of its last row")
  func realFile() throws {
    guard let folder = sharedFolder("berka/orig") else { return }
    let reader = try CSVReader(
      path: folder.appendingPathComponent("trans.asc").path,
      dialect: CSVDialect(separator: UInt8(ascii: ";")), encoding: .windows1250)
    var sound = 0
    var bad: [Int: CSVProblem] = [:]
    while let record = try reader.next() {
      if let problem = record.problem { bad[record.lineNumber] = problem } else { sound += 1 }
    }
    #expect(reader.header.count == 10)
    #expect(sound == 49_102)
    #expect(bad == [49_104: .unclosedQuote(field: 4)])
  }
}
