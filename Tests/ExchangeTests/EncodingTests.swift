import Exchange
import Foundation
import Testing

@Suite("Encodings")
struct EncodingTests {
  /// The header and two rows in GB 18030: 账号,金额 / 一,1 / 支,2. The second byte of 乗 (0x81 0x5C)
  /// and the like look like ASCII.
  private let gb18030: [UInt8] =
    [0xD5, 0xCB, 0xBA, 0xC5, 0x2C, 0xBD, 0xF0, 0xB6, 0xEE, 0x0A]
    + [0xD2, 0xBB, 0x2C, 0x31, 0x0A, 0xD6, 0xA7, 0x2C, 0x32, 0x0A]

  @Test("GB 18030 is converted before it is parsed", arguments: [1, 2, 3, 1000])
  func chinese(piece: Int) throws {
    let reader = try CSVReader(
      MemorySource(gb18030, piece: piece), encoding: .gb18030, chunk: piece)
    #expect(reader.header == ["账号", "金额"])
    #expect(try readAll(reader).map(\.fields) == [["一", "1"], ["支", "2"]])
  }

  @Test("A second byte that equals the separator separates nothing", arguments: [1, 2, 1000])
  func trailingBytes(piece: Int) throws {
    // 亅 is 0x81 0x7C, and 0x7C is the bar.
    let bytes = Array("a|b\n".utf8) + [0x81, 0x7C] + Array("|x\n".utf8)
    let bar = CSVDialect(separator: UInt8(ascii: "|"))
    #expect(
      try readAll(bytes, bar, encoding: .gb18030, piece: piece).map(\.fields) == [["亅", "x"]])
  }

  @Test("Characters of four bytes", arguments: [1, 2, 3, 5, 1000])
  func fourBytes(piece: Int) throws {
    let text = "a,b\n𠮷,😀\n"
    let sink = try OutputSink.memory(encoding: .gb18030)
    try sink.write(text)
    try sink.close()
    #expect(sink.bytes.count == 4 + 4 + 1 + 4 + 1)
    #expect(
      try readAll(sink.bytes, encoding: .gb18030, piece: piece).map(\.fields) == [["𠮷", "😀"]])
  }

  @Test("What cannot be decoded is a problem with its own byte", arguments: [1, 2, 3, 1000])
  func undecodable(piece: Int) throws {
    // 0xFF begins nothing; 0x81 before a comma is half a character; 0xD6 stands at the end.
    let bytes =
      Array("a,b\n1,".utf8) + [0xFF, 0x0A] + Array("2,x\n".utf8) + [0x81] + Array(",3\n4,".utf8)
      + [0xD6]
    let records = try readAll(bytes, encoding: .gb18030, piece: piece)
    #expect(
      records.map(\.problem) == [
        .undecodable(field: 2, byte: 0xFF), nil, .undecodable(field: 1, byte: 0x81),
        .undecodable(field: 2, byte: 0xD6),
      ])
    #expect(records.map(\.text) == ["1,\\xFF", "2,x", "\\x81,3", "4,\\xD6"])
  }

  @Test("Latin 1, Latin 2, Windows 1250 and UTF-16")
  func others() throws {
    let header = Array("a,b\n".utf8)
    #expect(
      try readAll(header + [0xE9, 0x2C, 0xFC], encoding: .latin1)[0].fields == ["é", "ü"])
    #expect(
      try readAll(header + [0xE8, 0x2C, 0xF8], encoding: .latin2)[0].fields == ["č", "ř"])
    #expect(
      try readAll(header + [0x8A, 0x2C, 0xF8], encoding: .windows1250)[0].fields == ["Š", "ř"])
    let wide = "\u{FEFF}a,b\n上,海\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    for piece in [1, 3, 1000] {
      let reader = try CSVReader(MemorySource(wide, piece: piece), encoding: .utf16)
      #expect(reader.header == ["a", "b"])
      #expect(try readAll(reader).map(\.fields) == [["上", "海"]])
    }
  }

  @Test("UTF-16 without a mark is known by its zeros, in both orders", arguments: [1, 3, 1000])
  func utf16WithoutMark(piece: Int) throws {
    let text = "工号,姓名\n1,张三\n2,李四\n"
    let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    for bytes in [little, big] {
      #expect(detected(bytes, piece: piece) == .utf16)
      let reader = try CSVReader(MemorySource(bytes, piece: piece), encoding: .utf16)
      #expect(reader.header == ["工号", "姓名"])
      #expect(try readAll(reader).map(\.fields) == [["1", "张三"], ["2", "李四"]])
    }
    // Zero bytes alone make none.
    let damaged =
      "a,b\n" + String(repeating: "a row of forty bytes, two damaged, end\0\n", count: 9)
    #expect(detected(Array(damaged.utf8), piece: piece) == .utf8)
    #expect(detected(Array(repeating: 0, count: 99), piece: piece) == .utf8)
  }

  @Test("Names of encodings as people write them")
  func names() {
    #expect(TextEncoding(name: "UTF-8") == .utf8)
    #expect(TextEncoding(name: "GBK") == .gb18030)
    #expect(TextEncoding(name: "gb2312") == .gb18030)
    #expect(TextEncoding(name: "ISO_8859-1") == .latin1)
    #expect(TextEncoding(name: "cp1250") == .windows1250)
    #expect(TextEncoding(name: "klingon") == nil)
  }

  private func detected(_ bytes: [UInt8], piece: Int) -> TextEncoding {
    var detector = EncodingDetector()
    for start in stride(from: 0, to: bytes.count, by: piece) {
      bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { detector.consume($0) }
    }
    return detector.encoding
  }

  @Test("UTF-8 is told from GB 18030, whatever the pieces", arguments: [1, 2, 3, 7, 1000])
  func detection(piece: Int) {
    #expect(detected([], piece: piece) == .utf8)
    #expect(detected(Array("code,name\nB001,Praha 1\n".utf8), piece: piece) == .utf8)
    #expect(detected(Array("编号,名称\nB001,上海浦东支行\n".utf8), piece: piece) == .utf8)
    #expect(detected(gb18030, piece: piece) == .gb18030)
    #expect(detected(Array("a,b\n1,".utf8) + [0xFF], piece: piece) == .gb18030)
    #expect(detected([0xFF, 0xFE, 0x61, 0x00], piece: piece) == .utf16)
    #expect(detected([0xEF, 0xBB, 0xBF, 0xFF], piece: piece) == .utf8)
  }

  @Test("One damaged byte does not turn a UTF-8 file into something else", arguments: [1, 1000])
  func damage(piece: Int) {
    let text = Array("编号,名称\nB001,上海浦东支行\n".utf8)
    #expect(detected(text + [0xFF, 0x0A], piece: piece) == .utf8)
    #expect(detected(text + [0xE4, 0xB8], piece: piece) == .utf8)
  }

  @Test("The encodings of Python's test texts are detected, read and written")
  func pairs() throws {
    guard let folder = sharedFolder("conformance/cjk-encodings/python-cjkencodings") else { return }
    for (name, encoding) in [
      ("gb18030", TextEncoding.gb18030), ("gbk", .gb18030), ("gb2312", .gb18030), ("big5", .big5),
    ] {
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent("\(name).txt")))
      let text = String(
        decoding: try Data(contentsOf: folder.appendingPathComponent("\(name)-utf8.txt")),
        as: UTF8.self)
      let lines = text.split(separator: "\n").map(String.init)
      let dialect = CSVDialect(separator: 1, quote: nil, hasHeader: false)
      for piece in [1, 13, 100_000] {
        let records = try readAll(bytes, dialect, encoding: encoding, piece: piece)
        #expect(records.allSatisfy { $0.problem == nil }, "\(name)")
        #expect(records.map(\.text).filter { !$0.isEmpty } == lines, "\(name)")
        if encoding == .gb18030 { #expect(detected(bytes, piece: piece) == .gb18030) }
      }
      let sink = try OutputSink.memory(encoding: encoding)
      try sink.write(text)
      try sink.close()
      #expect(sink.bytes == bytes, "\(name)")
    }
  }

  @Test("A character that an encoding lacks stops the writing and is named")
  func noPlace() throws {
    let sink = try OutputSink.memory(encoding: .latin1)
    try sink.write("é上")
    #expect(
      throws: FileProblem.cannotWrite(
        path: "memory", reason: "the character 上 has no place in iso-8859-1")
    ) { try sink.close() }
  }

  @Test("Bytes may be handed on as they are between text that is converted")
  func unconverted() throws {
    let sink = try OutputSink.memory(encoding: .gb18030)
    try sink.write("一")
    try sink.write(unconverted: [0xFF, 0x80])
    try sink.write("一")
    try sink.close()
    #expect(sink.bytes == [0xD2, 0xBB, 0xFF, 0x80, 0xD2, 0xBB])
  }
}
