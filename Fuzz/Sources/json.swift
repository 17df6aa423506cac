// Whatever bytes a file of JSON holds, the reader gives records, each sound or with its problem, or says
// why it cannot; it never traps, and the size of the pieces that it reads changes nothing.
// The first byte chooses the size of the pieces; the rest is the file.

import Exchange

private func records(_ bytes: UnsafeBufferPointer<UInt8>, piece: Int) -> [String] {
  var seen: [String] = []
  do {
    let reader = try CSVReader(json: { MemorySource(bytes, piece: piece) })
    seen.append(reader.header.joined(separator: "|"))
    while let record = try reader.next() {
      var text = "\(record.lineNumber) \(String(describing: record.problem))"
      for index in 0..<record.fieldCount {
        text += "|" + record.string(index) + (record.damage(of: index) ?? "")
      }
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
  let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
  var parser = JSONParser(bytes)
  do throws(JSONParser.Failure) {
    try parser.document()
  } catch {
    precondition(error.offset <= bytes.count, "a failure lies within the text")
  }
  let whole = records(bytes, piece: 1 << 16)
  let pieces = records(bytes, piece: 1 + Int(start[0] >> 4))
  precondition(whole == pieces, "the size of the pieces changes what is read")
  return 0
}
