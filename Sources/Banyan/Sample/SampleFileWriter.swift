import Exchange
import Quantities

/// Writes one file of a made-up bank, field by field, in the language of its branch.
final class SampleFileWriter {
  let path: String
  let isChinese: Bool
  private let sink: OutputSink
  private var line: [UInt8] = []
  private var lines = 0
  private var preparedDate: (date: CivilDate?, bytes: [UInt8]) = (nil, [])
  private var badRows: [SampleBadRow] = []

  init(
    folder: String, path: String, columns: [(english: String, chinese: String)],
    isChinese: Bool = false
  ) throws {
    self.path = path
    self.isChinese = isChinese
    self.sink = try OutputSink(
      path: folder + "/" + path, encoding: isChinese ? .gb18030 : .utf8)
    for column in columns { text(isChinese ? column.chinese : column.english) }
    try endRow()
  }

  func text(_ text: String) {
    if text.utf8.contains(UInt8(ascii: ",")) {
      line.append(UInt8(ascii: "\""))
      line.append(contentsOf: text.utf8)
      line.append(UInt8(ascii: "\""))
    } else {
      line.append(contentsOf: text.utf8)
    }
    line.append(UInt8(ascii: ","))
  }

  func word(_ word: some SampleWord) {
    line.append(contentsOf: (isChinese ? word.spelled.chinese : word.spelled.english).utf8)
    line.append(UInt8(ascii: ","))
  }

  /// A word that was put into the language of the file before.
  func prepared(_ bytes: [UInt8]) {
    line.append(contentsOf: bytes)
    line.append(UInt8(ascii: ","))
  }

  /// A prefix and a number with zeros before it.
  func code(_ prefix: StaticString, _ number: Int, width: Int) {
    prefix.withUTF8Buffer { line.append(contentsOf: $0) }
    digits(number, width: width)
    line.append(UInt8(ascii: ","))
  }

  func whole(_ number: Int) {
    digits(number, width: 1)
    line.append(UInt8(ascii: ","))
  }

  /// An amount in hundredths, not negative.
  func amount(_ hundredths: Int64) {
    digits(Int(hundredths / 100), width: 1)
    line.append(UInt8(ascii: "."))
    digits(Int(hundredths % 100), width: 2)
    line.append(UInt8(ascii: ","))
  }

  func date(_ date: CivilDate) {
    // A file in the order of its days asks for the same one many times.
    if date != preparedDate.date { preparedDate = (date, bytes(of: date)) }
    line.append(contentsOf: preparedDate.bytes)
  }

  private func bytes(of date: CivilDate) -> [UInt8] {
    let start = line.count
    defer { line.removeSubrange(start...) }
    let (year, month, day) = date.components
    let between = UInt8(ascii: isChinese ? "/" : "-")
    digits(year, width: 4)
    line.append(between)
    digits(month, width: 2)
    line.append(between)
    digits(day, width: 2)
    line.append(UInt8(ascii: ","))
    return Array(line[start...])
  }

  /// Ends the row after the field that was written last.
  func endRow() throws {
    line[line.count - 1] = UInt8(ascii: "\n")
    try sink.write(line)
    line.removeAll(keepingCapacity: true)
    lines += 1
  }

  /// Writes a row that is bad on purpose and remembers where it stands.
  func badRow(_ fields: [String], _ fault: SampleFault) throws {
    lines += 1
    badRows.append(SampleBadRow(file: path, line: lines, fault: fault))
    try sink.write(fields.joined(separator: ",") + "\n")
  }

  /// As ``badRow(_:_:)``, with a byte between two of its fields' halves that no encoding explains.
  func undecodableRow(_ before: String, _ after: String) throws {
    lines += 1
    badRows.append(SampleBadRow(file: path, line: lines, fault: .undecodableByte))
    try sink.write(before)
    try sink.write(unconverted: [0xFF])
    try sink.write(after + "\n")
  }

  /// Closes the file and adds it to the summary.
  func finish(_ summary: inout SampleSummary) throws {
    try sink.close()
    summary.files.append(
      SampleFile(path: path, rows: lines - 1, badRows: badRows.count, isChinese: isChinese))
    summary.badRows.append(contentsOf: badRows)
  }

  private func digits(_ number: Int, width: Int) {
    let start = line.count
    var rest = number
    var count = 0
    repeat {
      line.append(UInt8(truncatingIfNeeded: 48 + rest % 10))
      rest /= 10
      count += 1
    } while rest > 0 || count < width
    line[start...].reverse()
  }
}
