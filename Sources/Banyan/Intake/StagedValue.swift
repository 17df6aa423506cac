import Quantities

/// A checked value on its way to the staging table.
enum StagedValue {
  case null
  /// Bytes of the record itself, valid until the next one is read.
  case bytes(UnsafeBufferPointer<UInt8>)
  case text(String)
  case decimal(ExactDecimal)
  case integer(Int32)
  case key(Int64)
  case date(CivilDate)
}

extension DatasetColumn {
  /// What stands in the staging columns of a row that has no value.
  var valuesForNone: [StagedValue] {
    stagingColumns.map { column in
      guard isZeroForNone else { return .null }
      return switch column.type {
      case "integer": .integer(0)
      case "bigint": .key(0)
      default: .text("")
      }
    }
  }
}
