/// A page for a browser that needs nothing else: no script, no font and no picture from outside. It
/// is plain on a screen and on paper, and holds one table or many.
///
/// Everything that is written goes through ``htmlEscaped(_:)``, so no value can become markup.
public final class HTMLPage {
  /// The language of the words that the page adds.
  public let language: Language
  let sink: OutputSink
  /// Whether the table that is written is all that the page has.
  let isOfOneTable: Bool
  private var sectionCount = 0

  /// Begins a page.
  ///
  /// - Parameters:
  ///   - contents: Titles of the sections that follow; none for a page of one table.
  public init(
    title: String, language: Language, contents: [String] = [], to sink: OutputSink
  ) throws(FileProblem) {
    self.language = language
    self.sink = sink
    isOfOneTable = contents.isEmpty
    try sink.write(htmlOpening(title: title, language: language, style: Self.style))
    guard !contents.isEmpty else { return }
    try sink.write(
      "<h1>\(htmlEscaped(title))</h1>\n<nav>\n<h2>\(htmlEscaped(language.word(.contents)))</h2>\n<ol>\n"
    )
    for (index, section) in contents.enumerated() {
      try sink.write("<li><a href=\"#part-\(index + 1)\">\(htmlEscaped(section))</a></li>\n")
    }
    try sink.write("</ol>\n</nav>\n")
  }

  /// Begins what one table belongs to.
  func beginSection(_ notes: TableNotes) throws(FileProblem) {
    sectionCount += 1
    let level = isOfOneTable ? "h1" : "h2"
    try sink.write("<section id=\"part-\(sectionCount)\">\n")
    if !notes.title.isEmpty {
      try sink.write("<\(level)>\(htmlEscaped(notes.title))</\(level)>\n")
    }
    if !notes.description.isEmpty {
      try sink.write("<p class=\"about\">\(htmlEscaped(notes.description))</p>\n")
    }
  }

  /// Ends a section with the facts about it.
  func endSection(_ facts: [TableNotes.Fact]) throws(FileProblem) {
    if !facts.isEmpty {
      try sink.write("<dl>\n")
      for fact in facts {
        try sink.write(
          "<div><dt>\(htmlEscaped(fact.name))</dt><dd>\(htmlEscaped(fact.value))</dd></div>\n")
      }
      try sink.write("</dl>\n")
    }
    try sink.write("</section>\n")
  }

  /// Ends the page and closes the sink.
  public func finish() throws(FileProblem) {
    try sink.write("</body>\n</html>\n")
    try sink.close()
  }

  private static let style = """
    :root { color-scheme: light; }
    body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
      color: #1c2430; background: #fff; margin: 2rem auto; padding: 0 1.5rem; max-width: 100rem; }
    h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
    h2 { font-size: 1.2rem; margin: 0 0 .25rem; }
    section + section, nav + section { margin-top: 3rem; }
    .about { color: #55606f; margin: 0 0 1.25rem; max-width: 50rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th { text-align: left; font-weight: 600; border-bottom: 2px solid #1c2430; vertical-align: bottom; }
    th, td { padding: .3rem .6rem; }
    td { border-bottom: 1px solid #e3e7ec; vertical-align: top; white-space: pre-line;
      word-break: keep-all; min-width: 4.2rem; }
    .n { text-align: right; white-space: nowrap; }
    th.n { white-space: normal; }
    .minus { color: #a61b1b; }
    tfoot td { font-weight: 600; border-top: 2px solid #1c2430; border-bottom: 0; }
    figure { margin: 0 0 1.5rem; }
    figure svg { width: 100%; height: auto; max-height: 40rem; max-width: 75rem; }
    figcaption, dl { color: #55606f; font-size: .85rem; }
    dl { display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; margin: 1rem 0 0; }
    dl div { display: flex; gap: .4rem; }
    dt::after { content: ":"; }
    dd { margin: 0; }
    a { color: #1b5e9b; }
    @page { margin: 15mm; }
    @media print {
      body { font-size: 9pt; margin: 0; padding: 0; max-width: none; }
      .scroll { overflow: visible; }
      thead { display: table-header-group; }
      tfoot { display: table-row-group; }
      tr, figure { break-inside: avoid; }
      h1, h2 { break-after: avoid; }
      section + section { break-before: page; margin-top: 0; }
    }
    """
}

/// A page up to its body, with a style of its own and nothing from outside.
func htmlOpening(title: String, language: Language, style: String) -> String {
  """
  <!DOCTYPE html>
  <html lang="\(language == .en ? "en" : "zh-CN")">
  <head>
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta name="referrer" content="no-referrer" />
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
  <title>\(htmlEscaped(title))</title>
  <style>
  \(style)
  </style>
  </head>
  <body>

  """
}

/// A text that a browser shows as it is.
func htmlEscaped(_ text: String) -> String {
  text.unicodeScalars.reduce(into: "") { result, scalar in
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    // HTML has no control characters, not even as numbers.
    case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
      result.unicodeScalars.append("\u{FFFD}")
    default: result.unicodeScalars.append(scalar)
    }
  }
}
