// Whatever a part of a workbook holds, the reader gives rows or says why it cannot; it never traps. What is read
// without a parser of XML is read as by one, and refused when that refuses it. What can be read can be marked.
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

/// The rows of the workbook, or nil if it is refused.
private func rows(scanning scans: Bool) -> [String]? {
  do throws(FileProblem) {
    let reader = try CSVReader(SheetSource(path: path, sheet: nil, scans: scans))
    var seen = [reader.header.joined(separator: "|")]
    while let record = try reader.next() {
      var text = "\(record.lineNumber) \(String(describing: record.problem))"
      for index in 0..<record.fieldCount {
        text += "|" + record.string(index) + (record.damage(of: index) ?? "")
      }
      seen.append(text)
    }
    return seen
  } catch {
    precondition(!error.description.isEmpty, "a refusal has words")
    return nil
  }
}

/// Writes the workbook with a status for each row.
private func mark() {
  let marked = path + ".marked"
  do {
    let sheet = try SheetSource(path: path, sheet: nil).sheetName ?? ""
    try MarkedWorkbook(path: path, sheet: sheet).write(
      heading: StatusColumn.headings[0], to: OutputSink(path: marked), by: "/dev/shm"
    ) { "row \($0)" }
    let reader = try CSVReader(workbook: marked, sheet: sheet)
    while try reader.next() != nil {}
  } catch {
    precondition(error is FileProblem, "\(error)")
  }
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  do throws(FileProblem) {
    try pack(
      UnsafeRawBufferPointer(start: start + 1, count: count - 1), as: Int(start[0]) % sound.count)
  } catch {
    preconditionFailure("\(error)")
  }
  let scanned = rows(scanning: true)
  precondition(scanned == rows(scanning: false), "both ways read the same")
  if scanned != nil { mark() }
  return 0
}
