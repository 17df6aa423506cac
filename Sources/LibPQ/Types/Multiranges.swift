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
    let malformed = DecodingFailure("is no well-formed multirange")
    guard cell.count >= 4, let type = cell.type.rangeOfMultirange else { throw malformed }
    let count = Int(cell.integer(as: Int32.self))
    // A range has at least its length and its flags.
    guard count >= 0, count <= (cell.count - 4) / 5 else { throw malformed }
    var ranges: [PostgresRange<Bound>] = []
    ranges.reserveCapacity(count)
    var offset = 4
    for _ in 0..<count {
      guard cell.count - offset >= 4 else { throw malformed }
      let length = Int(cell.integer(at: offset, as: Int32.self))
      offset += 4
      guard length >= 0, cell.count - offset >= length else { throw malformed }
      ranges.append(
        try PostgresRange<Bound>.decode(
          PostgresCell(start: cell.start + offset, count: length, type: type)))
      offset += length
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
