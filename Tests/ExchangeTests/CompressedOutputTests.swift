import Exchange
import Foundation
import Quantities
import Testing

@Suite("Packed output")
struct CompressedOutputTests {
  @Test("What is packed is read again, and its bytes are seen", arguments: Compression.allCases)
  func roundTrip(_ compression: Compression) throws {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "packed-\(UUID().uuidString).csv.\(compression.rawValue)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(Compression(path: path) == compression)
    let sink = try OutputSink(path: path, encoding: .gb18030, compression: compression)
    var seen: [UInt8] = []
    sink.observer = { seen.append(contentsOf: $0) }
    let writer = try DelimitedWriter(columns: [Column("名称")], to: sink)
    for number in 0..<20_000 { try writer.write([.text("支行\(number)")]) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.finish()
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == seen)
    let reader = try CSVReader(DecompressingSource(path: path), encoding: .gb18030)
    #expect(reader.header == ["名称"])
    var count = 0
    while let record = try reader.next() {
      #expect(record.string(0) == "支行\(count)")
      count += 1
    }
    #expect(count == 20_000)
  }

  @Test("The same rows are packed the same way", arguments: Compression.allCases)
  func reproducible(_ compression: Compression) throws {
    func bytes() throws -> [UInt8] {
      let sink = try OutputSink.memory(compression: compression)
      try sink.write("code\nB1\n")
      try sink.close()
      return sink.bytes
    }
    #expect(try bytes() == bytes())
  }

  @Test("Formulas are defused where that is asked for, numbers are not")
  func formulas() throws {
    let sink = try OutputSink.memory()
    let writer = try DelimitedWriter(
      columns: [Column("=a"), Column("n", .amount)], defusesFormulas: true, to: sink)
    for text in ["=1+1", "@x", "-5", "+", "\tx", "fine", "a=b"] {
      try writer.write([.text(text), .decimal(.init(coefficient: -1, scale: 0))])
    }
    try writer.finish()
    #expect(
      String(decoding: sink.bytes, as: UTF8.self)
        == "'=a,n\n'=1+1,-1\n'@x,-1\n'-5,-1\n'+,-1\n\"'\tx\",-1\nfine,-1\na=b,-1\n")
  }
}
