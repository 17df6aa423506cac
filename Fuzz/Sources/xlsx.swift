// Whatever a part of a workbook holds, the reader gives rows or says why it cannot; it never traps.
// The first byte chooses the part that the rest is; the other parts are sound. The archive is packed
// anew each time, so that damage reaches the XML and not only the checksums.

import Glibc

@testable import Exchange

private let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

private let sound: [(name: String, text: String)] = [
  (
    "xl/worksheets/sheet1.xml",
    "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>44197</v></c></row></sheetData></worksheet>"
  ),
  (
    "xl/styles.xml",
    "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
  ),
  ("xl/sharedStrings.xml", "<sst><si><t>number</t></si></sst>"),
  ("xl/workbook.xml", "<workbook><sheets><sheet name=\"S\" id=\"r1\"/></sheets></workbook>"),
  (
    "xl/_rels/workbook.xml.rels",
    "<R><Relationship Id=\"r1\" Type=\"\(relation)worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"\(relation)styles\" Target=\"styles.xml\"/><Relationship Id=\"r3\" Type=\"\(relation)sharedStrings\" Target=\"sharedStrings.xml\"/></R>"
  ),
  (
    "_rels/.rels",
    "<R><Relationship Id=\"r1\" Type=\"\(relation)officeDocument\" Target=\"xl/workbook.xml\"/></R>"
  ),
]

private let path = "/dev/shm/banyan-fuzz-\(getpid()).xlsx"

private func pack(_ bytes: UnsafeRawBufferPointer, as part: Int) throws(FileProblem) {
  let sink = try OutputSink(path: path)
  let packer = try Packer(.zip, for: path) { (bytes) throws(FileProblem) in
    try sink.write(unconverted: bytes)
  }
  for (index, (name, text)) in sound.enumerated() {
    try packer.beginPart(name)
    if index == part {
      if !bytes.isEmpty { try packer.write(bytes) }
    } else {
      try Array(text.utf8).withUnsafeBytes { bytes in
        Result { () throws(FileProblem) in try packer.write(bytes) }
      }.get()
    }
  }
  try packer.finish()
  try sink.close()
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  do throws(FileProblem) {
    try pack(
      UnsafeRawBufferPointer(start: start + 1, count: count - 1), as: Int(start[0]) % sound.count)
    let reader = try CSVReader(workbook: path)
    while let record = try reader.next() {
      for index in 0..<record.fieldCount { _ = (record.string(index), record.damage(of: index)) }
    }
  } catch {
    precondition(!error.description.isEmpty, "a refusal has words")
  }
  return 0
}
