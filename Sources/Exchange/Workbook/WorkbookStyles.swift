/// The looks of the cells that we write, by the numbers that cells refer to.
enum WorkbookStyles {
  static let plain = 0
  static let text = 1
  static let integer = 2
  static let day = 3
  static let heading = 4
  /// Text that stands for a number that Excel could not hold.
  static let longNumber = 5
  private static let firstAmount = 6
  /// An amount with more digits than that after its point is shown with so many.
  private static let largestScale = 15

  /// Amounts with so many digits after the point.
  static func amount(scale: Int) -> Int { firstAmount + min(scale, largestScale) }

  /// Whole numbers with separators.
  static let groupedInteger = firstAmount + largestScale + 1
  /// Numbers that are percentages already.
  static let percent = groupedInteger + 1
  /// The word before the totals.
  static let totalText = percent + 1
  /// A total with so many digits after the point.
  static func total(scale: Int) -> Int { totalText + 1 + min(scale, largestScale) }

  /// The heading of a column of numbers: it stands above their ends.
  static let numberHeading = totalText + largestScale + 2

  /// A number of a column with so many digits after the point.
  static func number(_ column: SheetLayout.Column, scale: Int) -> Int {
    switch (column.kind, column.format) {
    case (_, .percent): percent
    case (.integer, .grouped): groupedInteger
    case (.integer, _): integer
    default: amount(scale: scale)
    }
  }

  /// What cells look like that nothing was written to yet.
  static func standard(_ kind: ColumnKind) -> Int {
    switch kind {
    case .text, .json: text
    case .integer: integer
    case .amount: amount(scale: 2)
    case .date: day
    case .boolean: plain
    }
  }

  private static let firstFormat = 164

  static var part: String {
    let amounts = (0...largestScale).map { scale in
      "#,##0" + (scale == 0 ? "" : "." + String(repeating: "0", count: scale))
    }
    let formats = ["yyyy\\-mm\\-dd"] + amounts + ["0.00##&quot;%&quot;"]
    let list = formats.enumerated().map {
      "<numFmt numFmtId=\"\(firstFormat + $0)\" formatCode=\"\($1)\"/>"
    }
    func look(_ format: Int, _ more: String = "", _ inner: String = "") -> String {
      let opening = "<xf numFmtId=\"\(format)\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" "
      return opening + more + (inner.isEmpty ? "/>" : ">\(inner)</xf>")
    }
    let usual = "fontId=\"0\" fillId=\"0\""
    let heading =
      "fontId=\"1\" fillId=\"2\" applyFont=\"1\" applyFill=\"1\" applyAlignment=\"1\""
    let total = "fontId=\"1\" fillId=\"0\" applyFont=\"1\""
    let looks =
      [
        look(0, usual), look(49, usual), look(1, usual), look(firstFormat, usual),
        look(49, heading, "<alignment vertical=\"center\"/>"),
        look(49, usual + " applyAlignment=\"1\"", "<alignment horizontal=\"right\"/>"),
      ] + amounts.indices.map { look(firstFormat + 1 + $0, usual) } + [
        look(3, usual), look(firstFormat + 1 + amounts.count, usual), look(49, total),
      ] + amounts.indices.map { look(firstFormat + 1 + $0, total) } + [
        look(49, heading, "<alignment horizontal=\"right\" vertical=\"center\"/>")
      ]
    return """
      <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">\
      <numFmts count="\(list.count)">\(list.joined())</numFmts>\
      <fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
      <font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
      <fills count="3"><fill><patternFill patternType="none"/></fill>\
      <fill><patternFill patternType="gray125"/></fill>\
      <fill><patternFill patternType="solid"><fgColor rgb="FFE2EFDA"/><bgColor indexed="64"/></patternFill></fill></fills>\
      <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
      <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
      <cellXfs count="\(looks.count)">\(looks.joined())</cellXfs>\
      <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
      """
  }
}
