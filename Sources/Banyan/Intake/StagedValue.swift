import Quantities

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A checked value on its way to the staging table.
enum StagedValue {
  case null
  /// A text: bytes of the record itself, valid until the next one is read, or others that whoever made
  /// the value keeps. So a value is nothing but bits, and costs nothing to hand on.
  case bytes(UnsafeBufferPointer<UInt8>)
  case decimal(ExactDecimal)
  case integer(Int32)
  case key(Int64)
  case date(CivilDate)

  /// The value spread over 64 bits, after others that led to the seed; equal values are spread alike.
  func hash(seed: UInt64) -> UInt64 {
    switch self {
    case .null: mixed(seed ^ 1)
    case .bytes(let bytes): ByteKey(bytes, seed: mixed(seed)).hash
    case .decimal(let decimal):
      mixed(mixed(seed) ^ UInt64(truncatingIfNeeded: decimal.normalized.coefficient))
    case .integer(let integer): mixed(mixed(seed) ^ UInt64(truncatingIfNeeded: integer))
    case .key(let key): mixed(mixed(seed) ^ UInt64(truncatingIfNeeded: key))
    case .date(let day): mixed(mixed(seed) ^ UInt64(truncatingIfNeeded: day.daysSinceEpoch))
    }
  }

  /// The first bytes of a text; of any other value what comes after every text.
  var head: NumberHead {
    if case .bytes(let bytes) = self { NumberHead(bytes) } else { .end }
  }

  /// Whether it is this very text.
  func isText(_ wanted: StaticString) -> Bool {
    guard case .bytes(let bytes) = self, bytes.count == wanted.utf8CodeUnitCount,
      let start = bytes.baseAddress
    else { return false }
    return memcmp(start, wanted.utf8Start, bytes.count) == 0
  }
}

extension DatasetColumn {
  /// What stands in the staging columns of a row that has no value.
  var valuesForNone: [StagedValue] {
    stagingColumns.map { column in
      guard isZeroForNone else { return .null }
      return switch column.type {
      case "integer": .integer(0)
      case "bigint": .key(0)
      default: .bytes(UnsafeBufferPointer(start: nil, count: 0))
      }
    }
  }
}
