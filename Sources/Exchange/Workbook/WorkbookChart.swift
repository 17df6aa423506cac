/// A chart on a sheet whose first column names the categories and whose other columns are the series.
struct WorkbookChart {
  let kind: Chart.Kind
  let title: String

  private static let drawingNamespace = "http://schemas.openxmlformats.org/drawingml/2006/main"

  /// Where the chart stands: to the right of the columns.
  static func drawing(beside layout: SheetLayout) -> String {
    let first = layout.columns.count + 1
    return """
      <xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" \
      xmlns:a="\(drawingNamespace)"><xdr:twoCellAnchor>\
      <xdr:from><xdr:col>\(first)</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>\
      <xdr:to><xdr:col>\(first + 14)</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>28</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>\
      <xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>\
      <xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>\
      <a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">\
      <c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" \
      xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>\
      </a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>
      """
  }

  /// The colour of a series, said outright: a workbook without a theme has none of its own, and some programs would
  /// draw nothing.
  private func look(of series: Int) -> String {
    let colours = ChartData.colours
    let colour = String(colours[series % colours.count].dropFirst())
    let fill = "<c:spPr>\(Self.fill(colour))</c:spPr>"
    switch kind {
    case .bar: return fill + "<c:invertIfNegative val=\"0\"/>"
    case .line:
      return Self.line(colour, width: 28575)
        + "<c:marker><c:symbol val=\"circle\"/>\(fill)</c:marker>"
    }
  }

  private static func fill(_ colour: String) -> String {
    "<a:solidFill><a:srgbClr val=\"\(colour.uppercased())\"/></a:solidFill>"
  }

  private static func line(_ colour: String, width: Int) -> String {
    "<c:spPr><a:ln w=\"\(width)\">\(fill(colour))</a:ln></c:spPr>"
  }

  /// The chart of a sheet with so many rows, its heading among them.
  func part(of layout: SheetLayout, rows: Int) -> String {
    let sheet = "'" + xmlEscaped(layout.name.replacing("'", with: "''")) + "'"
    let series = layout.columns.indices.dropFirst().map { column in
      let letters = columnLetters(column)
      return """
        <c:ser><c:idx val="\(column - 1)"/><c:order val="\(column - 1)"/>\
        <c:tx><c:strRef><c:f>\(sheet)!$\(letters)$1</c:f></c:strRef></c:tx>\
        \(look(of: column - 1))\
        <c:cat><c:strRef><c:f>\(sheet)!$A$2:$A$\(rows)</c:f></c:strRef></c:cat>\
        <c:val><c:numRef><c:f>\(sheet)!$\(letters)$2:$\(letters)$\(rows)</c:f></c:numRef></c:val>\
        \(kind == .line ? "<c:smooth val=\"0\"/>" : "")</c:ser>
        """
    }.joined()
    let plot =
      kind == .bar
      ? "<c:barChart><c:barDir val=\"bar\"/><c:grouping val=\"clustered\"/><c:varyColors val=\"0\"/>\(series)<c:gapWidth val=\"60\"/><c:axId val=\"1\"/><c:axId val=\"2\"/></c:barChart>"
      : "<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>\(series)<c:marker val=\"1\"/><c:axId val=\"1\"/><c:axId val=\"2\"/></c:lineChart>"
    // Bars are read from the top like the table, so their axis of categories runs downwards.
    let direction = kind == .bar ? "maxMin" : "minMax"
    return """
      <c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="\(Self.drawingNamespace)">\
      <c:roundedCorners val="0"/><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>\(xmlEscaped(title))</a:t></a:r></a:p></c:rich></c:tx>\
      <c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>\(plot)\
      <c:catAx><c:axId val="1"/><c:scaling><c:orientation val="\(direction)"/></c:scaling><c:delete val="0"/>\
      <c:axPos val="\(kind == .bar ? "l" : "b")"/><c:tickLblPos val="low"/><c:crossAx val="2"/></c:catAx>\
      <c:valAx><c:axId val="2"/><c:scaling/><c:delete val="0"/><c:axPos val="\(kind == .bar ? "t" : "l")"/><c:majorGridlines>\(Self.line("E3E7EC", width: 9525))</c:majorGridlines>\
      <c:numFmt formatCode="#,##0" sourceLinked="0"/><c:crossAx val="1"/></c:valAx></c:plotArea>\
      <c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend><c:plotVisOnly val="1"/></c:chart></c:chartSpace>
      """
  }
}
