import Quantities

/// Something that is made of parts, for a page on which each opens to show them.
public struct TreeNode: Sendable {
  /// What it is.
  public let title: String
  /// What it comes to; nil where there is nothing to add up.
  public let amount: ExactDecimal?
  /// Where it comes from, in small print.
  public let source: String
  /// Lines in small print below it, such as arithmetic.
  public let notes: [String]
  /// What it is made of.
  public let parts: [TreeNode]
  /// Whether it is open from the start.
  public let isOpen: Bool

  /// A node.
  public init(
    _ title: String, _ amount: ExactDecimal? = nil, source: String = "", notes: [String] = [],
    parts: [TreeNode] = [], isOpen: Bool = false
  ) {
    self.title = title
    self.amount = amount
    self.source = source
    self.notes = notes
    self.parts = parts
    self.isOpen = isOpen
  }
}

/// A page with one tree, whose branches open and close without a script. On paper all are open.
///
/// Everything that is written goes through ``htmlEscaped(_:)``, so no value can become markup.
public struct TreePage {
  private let notes: TableNotes
  private let language: Language
  private let roots: [TreeNode]

  /// A page with a title, a description and facts.
  public init(_ roots: [TreeNode], notes: TableNotes, language: Language) {
    (self.roots, self.notes, self.language) = (roots, notes, language)
  }

  /// Writes the page and closes the sink.
  public func write(to sink: OutputSink) throws(FileProblem) {
    try sink.write(htmlOpening(title: notes.title, language: language, style: Self.style))
    try sink.write("<h1>\(htmlEscaped(notes.title))</h1>\n")
    if !notes.description.isEmpty {
      try sink.write("<p class=\"about\">\(htmlEscaped(notes.description))</p>\n")
    }
    try sink.write("<dl>\n")
    for fact in notes.facts {
      try sink.write(
        "<div><dt>\(htmlEscaped(fact.name))</dt><dd>\(htmlEscaped(fact.value))</dd></div>\n")
    }
    try sink.write("</dl>\n<div class=\"tree\">\n")
    for root in roots { try write(root, to: sink) }
    try sink.write("</div>\n</body>\n</html>\n")
    try sink.close()
  }

  private func write(_ node: TreeNode, to sink: OutputSink) throws(FileProblem) {
    let amount = node.amount.map {
      "<span class=\"n\($0.isNegative ? " minus" : "")\">\($0.grouped)</span>"
    }
    let source = node.source.isEmpty ? "" : " <small>\(htmlEscaped(node.source))</small>"
    let line = "<span>\(htmlEscaped(node.title))\(source)</span>\(amount ?? "")"
    guard !node.parts.isEmpty || !node.notes.isEmpty else {
      return try sink.write("<div class=\"leaf\">\(line)</div>\n")
    }
    try sink.write("<details\(node.isOpen ? " open" : "")><summary>\(line)</summary>\n")
    if !node.notes.isEmpty {
      try sink.write("<p>\(node.notes.map(htmlEscaped).joined(separator: "<br />"))</p>\n")
    }
    for part in node.parts { try write(part, to: sink) }
    try sink.write("</details>\n")
  }

  private static let style = """
    :root { color-scheme: light; }
    body { font: 14px/1.5 "Helvetica Neue", Helvetica, Arial, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
      color: \(Letter.Ink.text); background: #fff; margin: 2rem auto; padding: 0 1.5rem; max-width: 60rem; font-variant-numeric: tabular-nums; }
    h1 { font-size: 1.5rem; margin: 0 0 .2rem; }
    .about { color: \(Letter.Ink.quiet); margin: 0 0 .8rem; }
    dl { display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; margin: 0 0 1.2rem; font-size: .85rem; }
    dl div { display: flex; gap: .4rem; }
    dt { color: \(Letter.Ink.quiet); }
    dd { margin: 0; }
    summary, .leaf { display: flex; justify-content: space-between; gap: 1.5rem; padding: .2rem .4rem .2rem 0; border-bottom: 1px solid \(Letter.Ink.rule); }
    summary { cursor: pointer; list-style: none; }
    summary::-webkit-details-marker { display: none; }
    summary > span:first-child::before { content: "▸"; display: inline-block; width: 1.1em; color: \(Letter.Ink.bar); }
    details[open] > summary > span:first-child::before { content: "▾"; }
    .leaf > span:first-child { padding-left: 1.1em; }
    summary:hover { background: #f4f7f5; }
    .tree > details > summary { font-weight: 600; }
    details details, details .leaf, details p { margin-left: 1.1em; }
    details > p { color: \(Letter.Ink.quiet); font-size: .85rem; margin-top: .2rem; margin-bottom: .3rem; padding-left: 1.1em; overflow-wrap: anywhere; }
    small { color: \(Letter.Ink.quiet); overflow-wrap: anywhere; }
    .n { white-space: nowrap; }
    .minus { color: \(Letter.Ink.minus); }
    @page { size: A4; margin: 14mm 16mm; }
    @media print {
      body { font-size: 9pt; margin: 0; padding: 0; max-width: none; }
      details::details-content { display: block; content-visibility: visible; }
      .tree summary > span:first-child::before { content: ""; }
      summary, .leaf { break-inside: avoid; }
    }
    """
}
