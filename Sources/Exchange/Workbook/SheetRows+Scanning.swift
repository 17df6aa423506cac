/// The rows as programs write them, read without a parser.
extension SheetRows: ScannedElements {
  static var opening: StaticString { "<sheetData" }
  static var beginning: StaticString { "<row" }
  static var closing: StaticString { "</row>" }

  func scan(_ cursor: inout XMLCursor) -> ScannedItem {
    guard let (number, isEmpty) = Self.rowTag(&cursor) else { return cursor.absence }
    beginRow(number)
    if !isEmpty, !scanCells(&cursor) {
      abandonRow()
      return cursor.absence
    }
    endRow()
    return .taken
  }

  /// The attributes that a row may have. One that stands there twice is the parser's business.
  private static let attributes: [StaticString] = [
    "r=\"", "spans=\"", "x14ac:dyDescent=\"", "s=\"", "customFormat=\"", "ht=\"",
    "customHeight=\"", "hidden=\"", "outlineLevel=\"", "collapsed=\"", "thickTop=\"",
    "thickBot=\"", "ph=\"",
  ]

  /// Passes the rest of a row's tag, and returns the number that it has and whether that is all of the row.
  private static func rowTag(_ cursor: inout XMLCursor) -> (number: Int?, isEmpty: Bool)? {
    var number: Int?
    var seen = 0
    while true {
      let hasBlank = cursor.passesBlanks()
      if cursor.passes(UInt8(ascii: ">")) { return (number, false) }
      if cursor.passes("/>") { return (number, true) }
      guard hasBlank, let known = attributes.firstIndex(where: { cursor.passes($0) }),
        seen & 1 << known == 0
      else { return nil }
      seen |= 1 << known
      if known == 0 {
        guard let digits = cursor.number(), cursor.passes(UInt8(ascii: "\"")) else { return nil }
        number = digits
      } else if !cursor.value() {
        return nil
      }
    }
  }

  /// Adds cells up to the end of the row; false at what is unusual, or where the bytes end.
  @inline(__always)
  private func scanCells(_ cursor: inout XMLCursor) -> Bool {
    while true {
      cursor.passesBlanks()
      if cursor.passes("<c") {
        if !scanCell(&cursor) { return false }
      } else {
        return cursor.passes("</row>")
      }
    }
  }

  /// Adds a cell whose tag has begun.
  @inline(__always)
  private func scanCell(_ cursor: inout XMLCursor) -> Bool {
    guard let tag = CellTag(&cursor) else { return false }
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var value = nothing
    if !tag.isEmpty {
      cursor.passesBlanks()
      if cursor.passes("<v>") {
        guard let text = cursor.text(&scratch), cursor.passes("</v>") else { return false }
        value = text
      } else if cursor.passes("<is><t>") || cursor.passes("<is><t xml:space=\"preserve\">") {
        guard let text = cursor.text(&scratch), cursor.passes("</t></is>") else { return false }
        value = text
      }
      cursor.passesBlanks()
      if !cursor.passes("</c>") { return false }
    }
    addCell(at: tag.column, tag.kind, style: tag.style, value)
    return true
  }
}

/// What stands in the tag of a cell.
private struct CellTag {
  var column: Int?
  var style = 0
  var kind = SheetRows.Kind.number
  var isEmpty = false

  /// Passes the rest of the tag; nil at what is unusual.
  @inline(__always)
  init?(_ cursor: inout XMLCursor) {
    var seen = 0
    while true {
      let hasBlank = cursor.passesBlanks()
      if cursor.passes(UInt8(ascii: ">")) { return }
      if cursor.passes("/>") {
        isEmpty = true
        return
      }
      guard hasBlank, let bit = readAttribute(&cursor), seen & bit == 0,
        cursor.passes(UInt8(ascii: "\""))
      else { return nil }
      seen |= bit
    }
  }

  /// Reads an attribute up to the quote that ends it, and returns the bit that stands for it.
  @inline(__always)
  private mutating func readAttribute(_ cursor: inout XMLCursor) -> Int? {
    if cursor.passes("r=\"") {
      column = cursor.column()
      return column == nil || cursor.number() == nil ? nil : 1
    }
    if cursor.passes("s=\"") {
      style = cursor.number() ?? -1
      return style < 0 ? nil : 2
    }
    guard cursor.passes("t=\"") else { return nil }
    if cursor.passes("inlineStr") || cursor.passes("str") {
      kind = .text
    } else if cursor.passes("s") {
      kind = .shared
    } else if cursor.passes("b") {
      kind = .boolean
    } else if cursor.passes("e") {
      kind = .error
    } else if cursor.passes("d") {
      kind = .isoDate
    } else if !cursor.passes("n") {
      return nil
    }
    return 4
  }
}

extension XMLCursor {
  /// Passes the letters of a column such as those of `AB12`; nil if Excel has none of that name.
  @inline(__always)
  fileprivate mutating func column() -> Int? {
    var index = 0
    while (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte), index <= 16_384 {
      index = index * 26 + Int(byte - UInt8(ascii: "A")) + 1
      pass()
    }
    return (1...16_384).contains(index) ? index - 1 : nil
  }
}
