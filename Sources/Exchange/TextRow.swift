/// A row whose values are texts already, borrowed as bytes of UTF-8 for the time of a call: the short
/// way from a server's COPY into a file.
public struct TextRow {
  /// Where a value lies; nil is a missing one.
  public typealias Field = UnsafeBufferPointer<UInt8>?

  /// The values in the order of the columns.
  public let fields: UnsafeBufferPointer<Field>
}

/// A writer that takes rows of texts too. The kinds of its columns say what the texts are.
public protocol TextRowWriter: TabularWriter {
  /// Writes the next row, whose texts are those of ``Cell/plainText``; truths may be `t` and `f`.
  func write(_ row: TextRow) throws(FileProblem)
}

/// Finds the values in the lines of PostgreSQL's COPY in its text form: tabs stand between them, `\N`
/// is a missing one, and a backslash hides control characters.
public final class CopyTextDecoder {
  private let fields: UnsafeMutableBufferPointer<TextRow.Field>
  /// Values with backslashes are written here without them.
  @exclusivity(unchecked) private var scratch = UnsafeMutableBufferPointer<UInt8>(
    start: nil, count: 0)

  private static let tab = UInt8(ascii: "\t")
  private static let backslash = UInt8(ascii: "\\")

  /// A decoder of lines with so many values.
  public init(columns: Int) {
    fields = .allocate(capacity: max(1, columns))
    fields.initialize(repeating: nil)
    count = columns
  }

  private let count: Int

  deinit {
    fields.deallocate()
    scratch.deallocate()
  }

  /// The values of a line, valid until the next call and no longer than the line; nil if it has
  /// another number of values.
  public func row(_ line: UnsafeRawBufferPointer) -> TextRow? {
    var bytes = line.bindMemory(to: UInt8.self)
    if bytes.last == UInt8(ascii: "\n") { bytes = UnsafeBufferPointer(rebasing: bytes.dropLast()) }
    if scratch.count < bytes.count {
      scratch.deallocate()
      scratch = .allocate(capacity: 2 * bytes.count)
    }
    guard count > 0 else {
      return bytes.isEmpty ? TextRow(fields: UnsafeBufferPointer(rebasing: fields[..<0])) : nil
    }
    var (index, start, position, used) = (0, 0, 0, 0)
    while true {
      while position < bytes.count, bytes[position] != Self.tab, bytes[position] != Self.backslash {
        position += 1
      }
      var field: TextRow.Field
      if position < bytes.count, bytes[position] == Self.backslash {
        field = unescape(bytes, from: start, at: &position, into: &used)
      } else {
        field = UnsafeBufferPointer(rebasing: bytes[start..<position])
      }
      if index == count { return nil }
      fields[index] = field
      index += 1
      if position == bytes.count { break }
      position += 1
      start = position
    }
    return index == count ? TextRow(fields: UnsafeBufferPointer(rebasing: fields[..<count])) : nil
  }

  /// A value with backslashes, which ends before the next tab.
  private func unescape(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, at position: inout Int,
    into used: inout Int
  ) -> TextRow.Field {
    let begin = used
    var next = start
    while next < bytes.count, bytes[next] != Self.tab {
      var byte = bytes[next]
      if byte == Self.backslash, next + 1 < bytes.count {
        next += 1
        if bytes[next] == UInt8(ascii: "N"), next == start + 1 {
          position = next + 1
          return nil
        }
        byte = Self.meaning(of: bytes[next])
      }
      scratch[used] = byte
      used += 1
      next += 1
    }
    position = next
    return UnsafeBufferPointer(rebasing: scratch[begin..<used])
  }

  private static func meaning(of letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    case UInt8(ascii: "v"): 11
    default: letter
    }
  }
}
