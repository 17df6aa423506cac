import Quantities

/// A letter as a page for a browser that needs nothing else and prints on A4.
///
/// Everything that is written goes through ``htmlEscaped(_:)``, so no value can become markup.
public struct LetterPage {
  private let letter: Letter

  /// The page of a letter.
  public init(_ letter: Letter) { self.letter = letter }

  /// Writes the page and closes the sink.
  public func write(to sink: OutputSink) throws(FileProblem) {
    try sink.write(text)
    try sink.close()
  }

  /// The page.
  var text: String {
    var page = htmlOpening(
      title: "\(letter.title) · \(letter.subtitle)", language: letter.language, style: Self.style)
    page += "<main>\n<header>\n"
    page += "<p class=\"kind\">\(htmlEscaped(letter.title))</p>\n"
    page += "<h1>\(htmlEscaped(letter.subtitle))</h1>\n"
    if let stamp = letter.stamp { page += "<p class=\"stamp\">\(htmlEscaped(stamp))</p>\n" }
    page += "<dl>\n"
    for fact in letter.facts {
      page +=
        "<div\(Letter.isWide(fact) ? " class=\"wide\"" : "")><dt>\(htmlEscaped(fact.name))</dt><dd>\(htmlEscaped(fact.value))</dd></div>\n"
    }
    page += "</dl>\n</header>\n<ul class=\"figures\">\n"
    for figure in letter.figures {
      page +=
        "<li\(figure.isMain ? " class=\"main\"" : "")><span>\(htmlEscaped(figure.title))</span><b>\(htmlEscaped(figure.text))</b></li>\n"
    }
    page += "</ul>\n"
    for block in letter.blocks { page += "<section>\n" + Self.html(block) + "</section>\n" }
    page += "<footer>\(htmlEscaped(letter.footer))</footer>\n</main>\n</body>\n</html>\n"
    return page
  }

  private static func html(_ block: Letter.Block) -> String {
    switch block {
    case .split(let title, let parts): heading(title) + split(parts)
    case .gauges(let title, let gauges, let note):
      heading(title) + gauges.map(html).joined() + paragraph(note)
    case .table(let title, let columns, let rows, let note):
      heading(title) + table(columns, rows) + paragraph(note)
    case .text(let title, let paragraphs):
      heading(title) + paragraphs.map { "<p>\(htmlEscaped($0))</p>\n" }.joined()
    }
  }

  private static func heading(_ title: String) -> String { "<h2>\(htmlEscaped(title))</h2>\n" }

  private static func paragraph(_ note: String) -> String {
    note.isEmpty ? "" : "<p class=\"note\">\(htmlEscaped(note))</p>\n"
  }

  // MARK: - Bars

  private static func split(_ parts: [Letter.Part]) -> String {
    var (svg, legend, x) = ("", "", 0.0)
    for (index, part) in parts.enumerated() {
      let width = 600 * min(max(Double("\(part.share)") ?? 0, 0), 1)
      let colour = index == 0 ? Letter.Ink.bar : Letter.Ink.paleBar
      svg +=
        "<rect x=\"\(shortNumber(x))\" y=\"0\" width=\"\(shortNumber(width))\" height=\"14\" fill=\"\(colour)\"/>"
      legend +=
        "<li><i style=\"background:\(colour)\"></i>\(htmlEscaped(part.title)) <b>\(htmlEscaped(part.text))</b></li>"
      x += width
    }
    return
      "<svg class=\"split\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 14\" preserveAspectRatio=\"none\" role=\"img\">\(svg)</svg>\n<ul class=\"legend\">\(legend)</ul>\n"
  }

  private static func html(_ gauge: Letter.Gauge) -> String {
    let (width, mark) = (600 * gauge.length, 600 * Letter.Gauge.mark)
    return """
      <div class="gauge"><p><span>\(htmlEscaped(gauge.title))</span><b>\(htmlEscaped(gauge.text))</b></p>
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 18" preserveAspectRatio="none" role="img">\
      <rect x="0" y="3" width="600" height="12" rx="3" fill="\(Letter.Ink.track)"/>\
      <rect x="0" y="3" width="\(shortNumber(width))" height="12" rx="3" fill="\(gauge.length < Letter.Gauge.mark ? Letter.Ink.paleBar : Letter.Ink.bar)"/>\
      <rect x="\(shortNumber(mark))" y="0" width="2" height="18" fill="\(Letter.Ink.text)"/></svg>
      <small>\(htmlEscaped(gauge.detail))</small></div>

      """
  }

  // MARK: - Tables

  private static func table(_ columns: [Column], _ rows: [Letter.Row]) -> String {
    var table = "<table>\n<thead><tr>"
    for column in columns {
      table += "<th scope=\"col\"\(kind(column))>\(htmlEscaped(column.title))</th>"
    }
    table += "</tr></thead>\n"
    // A row and its small print stay together on paper.
    for row in rows {
      table += row.isTotal ? "<tbody class=\"total\"><tr>" : "<tbody><tr>"
      for (column, cell) in zip(columns, row.cells) {
        table += "<td\(kind(column, cell.isNegative))>\(htmlEscaped(column.shown(cell)))</td>"
      }
      table += "</tr>\n"
      if !row.notes.isEmpty {
        let lines = row.notes.map(htmlEscaped).joined(separator: "<br />")
        table += "<tr class=\"how\"><td colspan=\"\(columns.count)\">\(lines)</td></tr>\n"
      }
      table += "</tbody>\n"
    }
    return table + "</table>\n"
  }

  private static func kind(_ column: Column, _ isNegative: Bool = false) -> String {
    guard column.alignment == .right else { return column.kind == .integer ? " class=\"i\"" : "" }
    return isNegative ? " class=\"n minus\"" : " class=\"n\""
  }

  private static let style = """
    :root { color-scheme: light; }
    * { box-sizing: border-box; }
    body { font: 14px/1.5 "Helvetica Neue", Helvetica, Arial, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
      color: \(Letter.Ink.text); background: #e9edf0; margin: 0; font-variant-numeric: tabular-nums; }
    main { background: #fff; width: 210mm; max-width: 100%; min-height: 290mm; margin: 2rem auto; padding: 16mm 18mm 12mm;
      box-shadow: 0 1px 3px rgba(0, 0, 0, .12), 0 12px 40px rgba(0, 0, 0, .08); border-top: 5px solid \(Letter.Ink.main); }
    header { position: relative; }
    .kind { margin: 0; color: \(Letter.Ink.main); font-weight: 600; letter-spacing: .04em; }
    h1 { margin: 0 0 .9rem; font-size: 1.9rem; line-height: 1.2; font-weight: 600; }
    .stamp { position: absolute; top: 0; right: 0; margin: 0; max-width: 55%; border: 1.5px solid \(Letter.Ink.stamp); color: \(Letter.Ink.stamp);
      border-radius: 4px; padding: .1rem .6rem; font-weight: 600; font-size: .85rem; }
    dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: .55rem 1.2rem; margin: 0; padding: .8rem 0;
      border-top: 1px solid \(Letter.Ink.rule); border-bottom: 1px solid \(Letter.Ink.rule); }
    .wide { grid-column: span 2; }
    dt { color: \(Letter.Ink.quiet); font-size: .78rem; }
    dd { margin: 0; font-weight: 500; overflow-wrap: anywhere; }
    .figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: .8rem; list-style: none; margin: 1.1rem 0 0; padding: 0; }
    .figures li { border: 1px solid \(Letter.Ink.rule); border-radius: 6px; padding: .6rem .9rem; }
    .figures span { display: block; color: \(Letter.Ink.quiet); font-size: .8rem; }
    .figures b { font-size: 1.35rem; font-weight: 600; white-space: nowrap; }
    .figures .main { background: \(Letter.Ink.main); border-color: \(Letter.Ink.main); color: #fff; }
    .figures .main span { color: #cfe6d8; }
    section { margin-top: 1.5rem; }
    h2 { font-size: 1rem; margin: 0 0 .4rem; color: \(Letter.Ink.main); font-weight: 600; }
    p { margin: 0 0 .35rem; }
    .note, small, .how td { color: \(Letter.Ink.quiet); font-size: .8rem; }
    .note { margin-top: .4rem; }
    table { border-collapse: collapse; width: 100%; }
    th { text-align: left; font-weight: 500; color: \(Letter.Ink.quiet); font-size: .8rem; border-bottom: 1px solid \(Letter.Ink.text); vertical-align: bottom; }
    th, td { padding: .28rem .5rem .28rem 0; }
    th:last-child, td:last-child { padding-right: 0; }
    td { vertical-align: top; }
    .how td { padding-left: 2.6rem; }
    tbody + tbody tr:first-child td { border-top: 1px solid \(Letter.Ink.rule); }
    .how td { padding-top: 0; line-height: 1.45; overflow-wrap: anywhere; }
    .total td { font-weight: 600; }
    tbody.total tr:first-child td { border-top: 1px solid \(Letter.Ink.text); }
    .n { text-align: right; white-space: nowrap; }
    .i { width: 1%; padding-right: 1rem; }
    .minus { color: \(Letter.Ink.minus); }
    .split { display: block; width: 100%; height: 14px; border-radius: 3px; }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.6rem; list-style: none; margin: .4rem 0 0; padding: 0; font-size: .85rem; }
    .legend i { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .4em; }
    .gauge { margin-bottom: .6rem; break-inside: avoid; }
    .gauge p { display: flex; justify-content: space-between; margin: 0; }
    .gauge svg { display: block; width: 100%; height: 18px; }
    footer { margin-top: 2rem; padding-top: .6rem; border-top: 1px solid \(Letter.Ink.rule); color: \(Letter.Ink.quiet); font-size: .75rem; overflow-wrap: anywhere; }
    @page { size: A4; margin: 14mm 16mm; }
    @media (max-width: 700px) { main { padding: 1.2rem; margin: 0; } dl, .figures { grid-template-columns: 1fr 1fr; } }
    @media print {
      body { background: none; font-size: 9.5pt; }
      main { box-shadow: none; margin: 0; padding: 6mm 0 0; width: auto; min-height: 0; }
      thead { display: table-header-group; }
      tbody, .figures, .split { break-inside: avoid; }
      h2 { break-after: avoid; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
