import Documents
import Exchange

extension Mapping {
  /// Reads a mapping from YAML.
  ///
  /// - Parameters:
  ///   - yaml: The text.
  ///   - name: Name of its file, for messages and batches.
  /// - Throws: `DocumentError` with everything that is wrong, each with its line.
  public init(yaml: String, name: String) throws(DocumentError) {
    self = try Document.read(yaml: yaml, kind: "mapping", meanings: keyMeanings) { root in
      MappingReader(name: name, digest: Digest.of(yaml)).read(root)
    }
  }
}

private let keyMeanings = [
  "dataset": "what the rows become: \(alternatives(Dataset.standard.map(\.name)))",
  "file": "which files it describes, such as accounts.csv or */accounts-*.csv",
  "columns": "where each column of the dataset comes from",
  "from": "the header of the file's column, or a list of headers that mean the same",
  "constant": "the value of every row",
]

/// Reads the keys of a mapping.
private struct MappingReader {
  let name: String
  let digest: [UInt8]

  func read(_ root: DocumentNode) -> Mapping? {
    guard
      let top = DocumentMapping(
        root,
        keys: [
          "dataset", "file", "missing", "absent", "separator", "quote", "fixed_width", "sheet",
          "encoding",
          "dates",
          "century", "only", "repeats", "columns", "ignore",
        ]),
      let datasetName = top.required("dataset")?.choice(among: Dataset.standard.map(\.name)),
      let dataset = Dataset.named(datasetName)
    else { return nil }
    let file = top.required("file")?.text("the name of a file")
    let mayBeMissing = top.optional("missing")?.choice(among: ["allowed", "refused"]) == "allowed"
    let mayLackColumns =
      top.optional("absent")?.choice(among: ["allowed", "refused"]) == "allowed"
    let dialect = readDialect(top)
    let encoding = readEncoding(top.optional("encoding"))
    let layout = readLayout(top, encoding)
    let sheet = top.optional("sheet")?.text("the name of a sheet")
    let only = readOnly(top.optional("only"))
    let dates = readDates(top)
    let allowsRepeats = top.optional("repeats")?.choice(among: ["allowed", "refused"]) == "allowed"
    let columns = top.required("columns").flatMap { readColumns($0, of: dataset) }
    let ignored = readIgnored(top.optional("ignore"))
    guard let file, let dialect, let layout, let only, let dates, let columns, let ignored else {
      return nil
    }
    return Mapping(
      name: name, digest: digest, dataset: dataset, file: file,
      mayBeMissing: mayBeMissing, mayLackColumns: mayLackColumns, dialect: dialect, layout: layout,
      sheet: sheet, only: only,
      encoding: encoding, allowsRepeats: allowsRepeats, dates: dates, columns: columns,
      ignored: ignored.contains("*") ? nil : Set(ignored))
  }

  private func readDialect(_ top: DocumentMapping) -> CSVDialect? {
    func byte(_ key: String, _ standard: UInt8) -> UInt8?? {
      guard let node = top.optional(key) else { return .some(standard) }
      let text = node.plainText ?? ""
      switch text {
      case "none" where key == "quote": return .some(nil)
      case "tab": return .some(UInt8(ascii: "\t"))
      default: break
      }
      guard let byte = text.utf8.first, text.utf8.count == 1, byte < 128, byte != 10, byte != 13
      else {
        node.report("the \(key) is “\(text)”; write one ASCII character in quotes, or tab")
        return nil
      }
      return .some(byte)
    }
    guard let separator = byte("separator", UInt8(ascii: ",")),
      let quote = byte("quote", UInt8(ascii: "\"")), let separator
    else { return nil }
    if separator == quote {
      top.optional("quote")?.report("the quote is the separator too; choose another")
      return nil
    }
    return CSVDialect(separator: separator, quote: quote, hasHeader: true, trimsBlanks: true)
  }

  /// The layout of a file of fixed width, nil inside for a delimited one.
  private func readLayout(
    _ top: DocumentMapping, _ encoding: TextEncoding?
  ) -> FixedWidthLayout?? {
    guard let node = top.optional("fixed_width") else { return .some(nil) }
    for key in ["separator", "quote"] {
      top.optional(key)?.report("a file of fixed width has no \(key); take it out")
    }
    let oneByte: [TextEncoding] = [.latin1, .latin2, .windows1250, .windows1252, .utf8]
    if encoding.map(oneByte.contains) != true {
      node.report(
        "widths are counted in bytes; write an `encoding` of one byte a character, such as iso-8859-1, or utf-8 for a file of plain ASCII"
      )
    }
    guard let widths = DocumentMapping(anyKeys: node) else { return nil }
    return .some(
      FixedWidthLayout(
        fields: widths.entries.compactMap { entry in
          entry.value.wholeNumber(in: 1...10_000).map {
            FixedWidthLayout.Field(name: entry.key, width: $0)
          }
        }))
  }

  /// The headers by whose words rows are chosen, or with `not` left out.
  private func readOnly(
    _ node: DocumentNode?
  ) -> [(header: String, words: [String], excludes: Bool)]? {
    guard let node else { return [] }
    func words(_ node: DocumentNode) -> [String] {
      guard node.isList else { return node.text("a word, or a list of words").map { [$0] } ?? [] }
      return node.list(of: "the words", atMost: 100)?.compactMap { $0.text("a word") } ?? []
    }
    return DocumentMapping(anyKeys: node)?.entries.map { entry in
      guard entry.value.isMapping else { return (entry.key, words(entry.value), false) }
      let excluded = DocumentMapping(entry.value, keys: ["not"])?.required("not")
      return (entry.key, excluded.map(words) ?? [], true)
    }
  }

  private func readEncoding(_ node: DocumentNode?) -> TextEncoding? {
    guard let node, let text = node.text("an encoding, or automatic"), text != "automatic" else {
      return nil
    }
    if let encoding = TextEncoding(name: text) { return encoding }
    let known = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
    node.report("the encoding “\(text)” is not known; write automatic or one of \(known)")
    return nil
  }

  private func readDates(_ top: DocumentMapping) -> [DateFormat]? {
    guard let node = top.optional("dates") else {
      return DateFormat(pattern: "YYYY-MM-DD").map { [$0] }
    }
    let century = top.optional("century")?.wholeNumber(in: 1000...3000)
    let items = node.isList ? node.list(of: "the date formats", atMost: 10) : [node]
    return items?.compactMap { item in
      guard let pattern = item.text("a date format such as YYYY-MM-DD") else { return nil }
      if DateFormat.needsCentury(pattern), century == nil {
        item.report(
          "“\(pattern)” has years of two digits; add `century: 1900` if 93 means 1993")
      }
      if let format = DateFormat(pattern: pattern, century: century ?? 2000) { return format }
      item.report("“\(pattern)” does not name year, month and day; write it with YYYY, MM and DD")
      return nil
    }
  }

  private func readColumns(_ node: DocumentNode, of dataset: Dataset) -> [Mapping.Column]? {
    guard let own = DocumentMapping(node, keys: dataset.columns.map(\.name)) else { return nil }
    return dataset.columns.compactMap { target in
      let source = target.isRequired ? own.required(target.name) : own.optional(target.name)
      return source.flatMap { readColumn($0, target) }
    }
  }

  /// A column is a header, a list of headers, or keys: `from` or `constant`, and `words`.
  private func readColumn(_ node: DocumentNode, _ target: DatasetColumn) -> Mapping.Column? {
    guard node.isMapping else {
      return readHeaders(node).map {
        Mapping.Column(target: target, source: .column(headers: $0), words: nil)
      }
    }
    guard let keys = DocumentMapping(node, keys: ["from", "constant", "words"]) else { return nil }
    if let constant = keys.optional("constant") {
      if keys.optional("from") != nil {
        constant.report("a column has either `from` or `constant`; take one out")
      }
      return constant.text("a value").map {
        Mapping.Column(target: target, source: .constant($0), words: nil)
      }
    }
    guard let headers = keys.required("from").flatMap(readHeaders) else { return nil }
    var words: [String: String]?
    if let list = keys.optional("words").flatMap({ DocumentMapping(anyKeys: $0) }) {
      words = [:]
      for (word, meaning) in list.entries {
        let meaningText = meaning.plainText ?? ""
        words?[word] = meaningText == "~" ? "" : meaningText
        if case .choice(let known, _) = target.kind, !known.contains(meaningText) {
          meaning.report(
            "“\(meaningText)” is no \(target.name); write \(alternatives(known))")
        }
      }
    }
    return Mapping.Column(target: target, source: .column(headers: headers), words: words)
  }

  private func readHeaders(_ node: DocumentNode) -> [String]? {
    if node.isList {
      return node.list(of: "the headers", atMost: 20)?.compactMap { $0.text("a header") }
    }
    return node.text("the header of the file's column").map { [$0] }
  }

  private func readIgnored(_ node: DocumentNode?) -> [String]? {
    guard let node else { return [] }
    if node.plainText == "*" { return ["*"] }
    return readHeaders(node)
  }
}
