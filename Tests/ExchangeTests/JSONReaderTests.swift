import Exchange
import Foundation
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
  private struct Record: Equatable {
    let line: Int
    let fields: [String]
    var problem: CSVProblem?
    var damages: [Int: String] = [:]
  }

  private func read(
    _ text: String, piece: Int = .max
  ) throws -> (header: [String], records: [Record]) {
    try read(Array(text.utf8), piece: piece)
  }

  private func read(
    _ bytes: [UInt8], piece: Int = .max
  ) throws -> (header: [String], records: [Record]) {
    let reader = try CSVReader(json: { MemorySource(bytes, name: "x.json", piece: piece) })
    var records: [Record] = []
    while let record = try reader.next() {
      let fields = (0..<record.fieldCount).map(record.string)
      var damages: [Int: String] = [:]
      for index in fields.indices { damages[index] = record.damage(of: index) }
      records.append(
        Record(
          line: record.lineNumber, fields: fields, problem: record.problem, damages: damages))
    }
    return (reader.header, records)
  }

  private func problem(_ text: String) throws -> String {
    do {
      _ = try read(text)
      return "none"
    } catch let problem as FileProblem {
      return problem.description
    }
  }

  @Test("An object a line, keys in any order, numbers digit by digit", arguments: [1, 7, .max])
  func lines(piece: Int) throws {
    let (header, records) = try read(
      """
      {"number": "C1", "amount": 12345678901234567890.10, "ok": true}

      {"amount": 1e-7, "number": "C\\u4e2d \\"x\\",\\n😀\\ud83d\\ude00", "note": null}
      {"number": " ", "note": "", "amount": -0}\r
      """, piece: piece)
    #expect(header == ["number", "amount", "ok", "note"])
    #expect(
      records == [
        Record(line: 1, fields: ["C1", "12345678901234567890.10", "true", ""]),
        Record(line: 3, fields: ["C中 \"x\",\n😀😀", "1e-7", "", ""]),
        Record(line: 4, fields: [" ", "-0", "", ""]),
      ])
  }

  @Test("A list of objects, over lines or not", arguments: [1, 5, .max])
  func list(piece: Int) throws {
    let text = "\u{FEFF}[\n  {\"a\": 1,\n   \"b\": [1, {\"c\": \"]\"}]},{\"a\":\"\\\\\"} ,\n{}\n]\n"
    let (header, records) = try read(text, piece: piece)
    #expect(header == ["a", "b"])
    #expect(records.map(\.line) == [2, 3, 4])
    #expect(records.map(\.fields) == [["1", "[1, {\"c\": \"]\"}]"], ["\\", ""], ["", ""]])
    #expect(records[0].damages == [1: "it is a list; only plain values are taken"])
  }

  @Test("One bad object costs one row, and its line is told")
  func badObjects() throws {
    let (_, records) = try read(
      """
      {"a": 1}
      {"a": 01}
      {"a": 1, "a": 2}
      {"a": {"b": 1, "b": 1}}
      [1]
      {"a": "\\ud800"}
      {"a": 2} x
      {"a": 3}
      """)
    let reasons = [
      "a number begins with 0", "it has the key “a” twice", "it has the key “b” twice",
      "it is a list where an object was expected", "an escape is half of a character",
      "“x” follows its end",
    ]
    #expect(records.map(\.line) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(records.map(\.problem) == [nil] + reasons.map { .notJSON($0) } + [nil])
    let (_, elements) = try read("[{\"a\":1},\n{\"a\":\n,},\n{\"a\":2}]")
    #expect(
      elements.map(\.problem) == [
        nil, .notJSON("in line 3, “,” stands where a value was expected"), nil,
      ])
  }

  @Test("Bytes that are no UTF-8, and zero bytes, are told")
  func bytes() throws {
    let bad = try read(Array("{\"a\":\"x\"}\n{\"a\":\"".utf8) + [0xFF] + Array("\"}\n".utf8))
      .records
    #expect(bad[1].problem == .notJSON("it holds the byte 0xFF, which is no UTF-8"))
    let zero = try read("{\"a\":\"x\\u0000\"}\n").records
    #expect(zero[0].problem == .zeroByte(field: 1))
  }

  @Test("What is too deep or too long is one bad row")
  func limits() throws {
    let depth = JSONParser.depthLimit
    let deep = { (count: Int) in
      "{\"a\":" + String(repeating: "[", count: count - 1)
        + String(repeating: "]", count: count - 1)
        + "}\n"
    }
    let records = try read(deep(depth) + deep(depth + 1) + "{\"a\":1}").records
    #expect(records.map { $0.problem == nil } == [true, false, true])
    let long = "{\"a\":\"" + String(repeating: "x", count: CSVReader.recordLimit) + "\"}\n"
    let longRecords = try read("{\"a\":1}\n" + long + "{\"a\":2}").records
    #expect(longRecords.map(\.problem) == [nil, .tooLong, nil])
    #expect(longRecords.map(\.line) == [1, 2, 3])
  }

  @Test("A text that is broken as a whole is refused with the line")
  func broken() throws {
    #expect(try problem("") == FileProblem.empty(path: "x.json").description)
    #expect(try problem("[{\"a\":1}\n{\"a\":2}]").contains("in line 2 it is no JSON: a comma"))
    #expect(try problem("[{\"a\":1},\n]").contains("in line 2 it is no JSON: an object was"))
    #expect(try problem("[{\"a\":1}] x").contains("nothing may follow the end of the list"))
    #expect(try problem("[{\"a\":1}").contains("the list does not end"))
    #expect(try problem("[\n{\"a\":1").contains("what begins in line 2 does not end"))
    #expect(try problem("[]").contains("it holds no object with a key"))
    let keys = (0...2_000).map { "\"k\($0)\":1" }.joined(separator: ",")
    #expect(try problem("{\(keys)}").contains("more than 2000 different keys"))
  }

  /// The standard lets both through; we do not, because programs disagree on which of the two counts.
  private static let exceptions = [
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
  ]

  @Test("JSONTestSuite: what must be taken is taken, what must be refused is refused")
  func conformance() throws {
    guard let folder = sharedFolder("conformance/JSONTestSuite/test_parsing") else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count > 300)
    for name in names {
      let bytes = try Array(Data(contentsOf: folder.appendingPathComponent(name)))
      let isSound = bytes.withUnsafeBufferPointer { bytes in
        var parser = JSONParser(bytes)
        do throws(JSONParser.Failure) {
          try parser.document()
          return true
        } catch {
          return false
        }
      }
      switch name.first {
      case "y": #expect(isSound != Self.exceptions.contains(name), "\(name)")
      case "n": #expect(!isSound, "\(name)")
      default: break
      }
      // As a file of rows it is read or refused, whatever it holds.
      _ = try? read(bytes)
    }
  }

  @Test("Files of JSON are told from others by how they begin")
  func kinds() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "kind-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func kind(_ text: String, _ compression: Compression? = nil) throws -> FileKind {
      let sink = try OutputSink(path: path, compression: compression)
      try sink.write(text)
      try sink.close()
      return try FileKind(path: path)
    }
    #expect(try kind("{\"a\":1}\n") == .json)
    #expect(try kind("\u{FEFF}[\n  {\n  }]") == .json)
    #expect(try kind("[]") == .json)
    #expect(try kind("[id],[name]\n") == .plain)
    #expect(try kind("{a},b\n") == .plain)
    #expect(try kind("[{\"a\":1}]", .gz) == .compressedJSON)
    #expect(try kind("a,b\n", .zst) == .compressed)
  }
}
