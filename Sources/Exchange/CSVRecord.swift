/// One record of a delimited file. It points into the reader's memory: use it before the reader's
/// next record is asked for, and only while the reader lives.
public struct CSVRecord {
  @usableFromInline let fields: UnsafePointer<FieldSpan>
  let text: UnsafeBufferPointer<UInt8>
  let carriesBytes: Bool
  let damages: [Int: String]

  /// The number of the physical line on which the record begins, or of the row of a sheet; the first
  /// is 1.
  public let lineNumber: Int
  /// The number of fields found; 0 in a record whose quotes or length are the problem.
  public let fieldCount: Int
  /// Why the record must not be used as data, or nil if it is sound. Of several problems, the one
  /// that explains the others.
  public let problem: CSVProblem?

  /// The bytes of a field, counted from 0: UTF-8 without the quotes around it and with doubled
  /// quotes made single. The index must be below ``fieldCount``.
  @inlinable
  public func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    span(index).bytes
  }

  /// Why the value of a field cannot be used, although it can be read: a cell that holds an error, or
  /// a number whose last digits are lost. Nil for all fields of text files.
  public func damage(of index: Int) -> String? { damages.isEmpty ? nil : damages[index] }

  /// Whether a field stood in quotes, which tells an empty text from a missing value.
  @inlinable
  public func wasQuoted(_ index: Int) -> Bool {
    span(index).wasQuoted
  }

  @usableFromInline
  func span(_ index: Int) -> FieldSpan {
    precondition(index >= 0 && index < fieldCount, "the record has no such field")
    return fields[index]
  }

  /// A field as a string, with bytes that are no text shown as `\x80`.
  public func string(_ index: Int) -> String {
    readable(field(index), carriesBytes: carriesBytes)
  }

  /// The record as it stands in the file, without the end of its last line, with bytes that are no
  /// text shown as `\x80`. Of a record that is too long, the first
  /// ``CSVReader/quotedBytesOfTooLong`` bytes.
  public var rawText: String { readable(text, carriesBytes: carriesBytes) }
}

/// Where a field lies and whether it stood in quotes.
@usableFromInline
struct FieldSpan {
  @usableFromInline let start: UnsafePointer<UInt8>
  @usableFromInline let length: Int32
  @usableFromInline let wasQuoted: Bool

  init(start: UnsafePointer<UInt8>, length: Int, wasQuoted: Bool) {
    self.start = start
    self.length = Int32(truncatingIfNeeded: length)
    self.wasQuoted = wasQuoted
  }

  @usableFromInline var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start, count: Int(length))
  }
}

/// Text for people from bytes that may not be text: what is not UTF-8, and a zero byte, becomes `\x`
/// and two digits.
private func readable(_ bytes: UnsafeBufferPointer<UInt8>, carriesBytes: Bool) -> String {
  var rest = bytes
  var text = ""
  while let bad = UTF8Check.firstProblem(in: rest) {
    text += String(decoding: rest[..<bad], as: UTF8.self)
    let carried = carriesBytes ? Transcoder.carriedByte(in: rest, at: bad) : nil
    text += "\\x" + hexadecimal(carried ?? rest[bad])
    rest = UnsafeBufferPointer(rebasing: rest[(bad + (carried == nil ? 1 : 3))...])
  }
  text += String(decoding: rest, as: UTF8.self)
  // A zero byte is valid UTF-8, but no database takes it in a text.
  return bytes.contains(0) ? text.replacing("\0", with: "\\x00") : text
}
