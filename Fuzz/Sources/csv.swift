// Whatever bytes a file holds, the reader gives records, each sound or with its problem, or says why
// it cannot; it never traps, and the size of the pieces that it reads changes nothing.
// The first byte chooses dialect, encoding and the size of the pieces; the rest is the file.

import Exchange

private let encodings: [TextEncoding] = [.utf8, .gb18030]

private func records(
  _ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect, _ encoding: TextEncoding, piece: Int
) -> [String] {
  var seen: [String] = []
  do {
    let reader = try CSVReader(
      MemorySource(bytes, piece: piece), dialect: dialect, encoding: encoding, chunk: piece)
    while let record = try reader.next() {
      var text = "\(record.lineNumber) \(String(describing: record.problem)) \(record.rawText)"
      for index in 0..<record.fieldCount { text += "|" + record.string(index) }
      seen.append(text)
    }
  } catch {
    seen.append("\(error)")
  }
  return seen
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let choice = Int(start[0])
  let dialect = CSVDialect(
    separator: [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")][choice % 3],
    quote: choice & 4 == 0 ? UInt8(ascii: "\"") : nil, hasHeader: choice & 8 == 0,
    trimsBlanks: choice & 16 != 0)
  let encoding = encodings[choice >> 5 & 1]
  let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
  let whole = records(bytes, dialect, encoding, piece: 1 << 16)
  let pieces = records(bytes, dialect, encoding, piece: 1 + choice >> 6)
  precondition(whole == pieces, "the size of the pieces changes what is read")
  return 0
}
