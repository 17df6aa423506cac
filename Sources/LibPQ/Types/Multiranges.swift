/// Several ranges of one type: `datemultirange`, `int8multirange` and their kin. The server joins
/// ranges that touch, sorts them and drops empty ones.
public struct PostgresMultirange<Bound: PostgresRangeBound>: Hashable, Sendable {
  /// The ranges.
  public var ranges: [PostgresRange<Bound>]

  /// Joins ranges, in any order.
  public init(_ ranges: [PostgresRange<Bound>]) {
    self.ranges = ranges
  }
}

extension PostgresMultirange: ExpressibleByArrayLiteral {
  /// Joins ranges, in any order.
  public init(arrayLiteral ranges: PostgresRange<Bound>...) {
    self.init(ranges)
  }
}

extension PostgresMultirange: PostgresEncodable, PostgresDecodable {
  /// The multirange type of the bound's range type.
  public static var postgresType: PostgresType {
    Bound.postgresRangeType.multirange ?? .unspecified
  }

  /// The multirange types whose ranges can be decoded.
  public static func canDecode(_ type: PostgresType) -> Bool {
    type.rangeOfMultirange.map { Bound.canDecodeRange($0) } ?? false
  }

  /// Reads the ranges.
  public static func decode(_ cell: PostgresCell) throws(DecodingFailure) -> PostgresMultirange {
    guard let type = cell.type.rangeOfMultirange else { throw MultirangeReader.malformed }
    var reader = try MultirangeReader(cell)
    var ranges: [PostgresRange<Bound>] = []
    ranges.reserveCapacity(reader.left)
    while let bytes = try reader.next(of: cell) {
      ranges.append(try PostgresRange<Bound>.decode(PostgresCell(bytes, of: cell, type)))
    }
    return PostgresMultirange(ranges)
  }

  /// Appends the ranges.
  public func encode(
    into buffer: inout EncodingBuffer, as type: PostgresType
  ) throws(EncodingFailure) {
    guard let count = Int32(exactly: ranges.count) else {
      throw EncodingFailure("has more than 2,147,483,647 ranges")
    }
    buffer.append(count)
    for range in ranges { try buffer.appendWithLength(range, as: Bound.postgresRangeType) }
  }
}

extension PostgresMultirange: CustomStringConvertible {
  /// As PostgreSQL writes it: `{[1,5),[7,9)}`.
  public var description: String {
    "{" + ranges.map(\.description).joined(separator: ",") + "}"
  }
}

/// Goes through the ranges of a multirange.
struct MultirangeReader {
  /// How many ranges are still to come.
  private(set) var left: Int
  private var offset = 4

  static let malformed = DecodingFailure("is no well-formed multirange")

  init(_ cell: PostgresCell) throws(DecodingFailure) {
    guard cell.count >= 4 else { throw Self.malformed }
    left = Int(cell.integer(as: Int32.self))
    // A range has at least its length and its flags.
    guard left >= 0, left <= (cell.count - 4) / 5 else { throw Self.malformed }
  }

  /// Where the bytes of the next range lie; nil after the last.
  mutating func next(of cell: PostgresCell) throws(DecodingFailure) -> Range<Int>? {
    if left == 0 { return nil }
    guard cell.count - offset >= 4 else { throw Self.malformed }
    let length = Int(cell.integer(at: offset, as: Int32.self))
    offset += 4
    guard length >= 0, cell.count - offset >= length else { throw Self.malformed }
    defer { offset += length }
    left -= 1
    return offset..<offset + length
  }
}
