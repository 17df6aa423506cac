import Documents
import Exchange
import Foundation

/// A first draft of a mapping, made by looking at a file: how it separates and encodes, which dataset its
/// headings are of, how it writes days, and what its words mean.
public struct MappingDraft: Sendable {
  /// How many rows are looked at.
  private static let sampledRows = 1_000
  /// How many different words a column may hold that takes one of a few.
  private static let mostWords = 50
  private static let separators: [(byte: UInt8, name: String)] = [
    (UInt8(ascii: ","), "\",\""), (UInt8(ascii: ";"), "\";\""), (9, "tab"),
    (UInt8(ascii: "|"), "\"|\""),
  ]
  private static let dateForms = [
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "YYYY年MM月DD日", "YYYY.MM.DD", "DD.MM.YYYY",
    "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD *", "YYYY/MM/DD *",
  ]

  /// The text of the mapping.
  public let yaml: String
  /// What somebody must fill in before it can be used: columns that every row needs and no heading
  /// names.
  public let missing: [String]

  /// Looks at a file.
  ///
  /// - Parameter dataset: What the rows are; nil to find it by the headings.
  /// - Throws: ``BanyanError`` if the headings are of no dataset.
  public init(path: String, dataset: String? = nil, standard: StandardMappings) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw BanyanError.usage("there is no file “\(path)”; name what the bank sent")
    }
    if isFolder.boolValue {
      throw BanyanError.usage("“\(path)” is a folder; name one of its files")
    }
    let source = try SourceFile(path: path)
    let sample = try Sample.of(source)
    let mapping: Mapping
    if let dataset {
      mapping = try standard.mapping(of: dataset)
    } else {
      mapping = try Self.nearest(to: sample.header, in: standard, path: path)
    }
    var draft = Draft(mapping: mapping, sample: sample)
    yaml = draft.write(path: path, source: source)
    missing = draft.missing
  }

  /// The mapping that most of the headings are of.
  private static func nearest(
    to header: [String], in standard: StandardMappings, path: String
  ) throws -> Mapping {
    func score(_ mapping: Mapping) -> (known: Int, lacking: Int) {
      let found = mapping.columns.filter { place(of: $0, in: header) != nil }
      let lacking = mapping.columns.count { column in
        column.target.isRequired && place(of: column, in: header) == nil
      }
      return (found.count, lacking)
    }
    let scored = standard.mappings.map { (mapping: $0, score: score($0)) }
    let best = scored.max { left, right in
      let (l, r) = (left.score, right.score)
      return (l.known - l.lacking, -l.lacking) < (r.known - r.lacking, -r.lacking)
    }
    guard let best, best.score.known > best.score.lacking else {
      throw BanyanError.data(
        "the headings of “\(path)” (\(shown(header))) are of no dataset that the platform knows; say which by --dataset"
      )
    }
    return best.mapping
  }

  /// The heading of a column of the dataset, compared without blanks, underscores and case.
  fileprivate static func place(of column: Mapping.Column, in header: [String]) -> Int? {
    func plain(_ text: String) -> String {
      text.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
    }
    let known = Set(column.headings.map(plain))
    return header.firstIndex { known.contains(plain($0)) }
  }

  // MARK: - What the file holds

  /// The first rows of a file, read by the separator that fits best.
  fileprivate struct Sample {
    var header: [String] = []
    var values: [[String]] = []
    let separator: String

    static func of(_ source: SourceFile) throws -> Sample {
      guard source.kind == .plain || source.kind == .compressed else {
        return Sample(try source.opened(dialect: .csv), separatedBy: "\",\"")
      }
      var best: Sample?
      for (byte, name) in MappingDraft.separators {
        let dialect = CSVDialect(separator: byte, trimsBlanks: true)
        guard let reader = try opened(source, dialect) else { continue }
        let sample = Sample(reader, separatedBy: name)
        if sample.header.count > best?.header.count ?? 0 { best = sample }
      }
      guard let best else {
        throw BanyanError.data(
          "the first line of “\(source.path)” is no heading that can be read; correct it first")
      }
      return best
    }

    /// A reader of a file; nil if its header cannot be read in a dialect.
    private static func opened(
      _ source: SourceFile, _ dialect: CSVDialect
    ) throws(FileProblem) -> CSVReader? {
      do {
        return try source.opened(dialect: dialect)
      } catch {
        if case .unusableHeader = error { return nil }
        throw error
      }
    }

    private init(_ reader: CSVReader, separatedBy separator: String) {
      self.separator = separator
      read(reader)
    }

    private mutating func read(_ reader: CSVReader) {
      header = reader.header
      values = header.map { _ in [] }
      for _ in 0..<MappingDraft.sampledRows {
        guard let record = try? reader.next() else { return }
        if record.problem != nil { continue }
        for index in header.indices {
          let text = record.string(index).trimmingCharacters(in: .whitespaces)
          if !text.isEmpty { values[index].append(text) }
        }
      }
    }
  }

  // MARK: - What is written of it

  /// The lines of the draft.
  private struct Draft {
    let mapping: Mapping
    let sample: Sample
    var missing: [String] = []

    mutating func write(path: String, source: SourceFile) -> String {
      var name = URL(filePath: path).lastPathComponent
      if let packed = Compression(path: name) {
        name = String(name.dropLast(packed.rawValue.count + 1))
      }
      var lines = [
        "# A first draft, made by looking at \(sample.values.map(\.count).max() ?? 0) rows of the file; read it before you use it.",
        "dataset: \(mapping.dataset.name)", "file: \(quoted(name))",
      ]
      if source.kind == .plain || source.kind == .compressed {
        if sample.separator != MappingDraft.separators[0].name {
          lines.append("separator: \(sample.separator)")
        }
        lines.append("encoding: \(source.detectedEncoding.rawValue)")
      }
      var used: Set<Int> = []
      var forms: [String] = []
      var columns: [String] = []
      for column in mapping.columns {
        guard let place = MappingDraft.place(of: column, in: sample.header) else {
          columns += absent(column)
          continue
        }
        used.insert(place)
        if case .date = column.target.kind {
          for form in dateForms(of: sample.values[place]) where !forms.contains(form) {
            forms.append(form)
          }
        }
        columns += present(column, place)
      }
      if !forms.isEmpty { lines.append("dates: [\(forms.map(quoted).joined(separator: ", "))]") }
      lines += ["columns:"] + columns
      let others = sample.header.indices.filter { !used.contains($0) }.map { sample.header[$0] }
      if !others.isEmpty {
        lines.append("# No column of the dataset has these headings:")
        lines.append("ignore: [\(others.map(quoted).joined(separator: ", "))]")
      }
      return lines.joined(separator: "\n") + "\n"
    }

    private mutating func absent(_ column: Mapping.Column) -> [String] {
      if !column.target.isRequired { return [] }
      missing.append(column.target.name)
      return [
        "  # Every \(mapping.dataset.singular) needs one, and no heading names it: write the heading, or {constant: …}.",
        "  # \(column.target.name): ",
      ]
    }

    private func present(_ column: Mapping.Column, _ place: Int) -> [String] {
      let heading = quoted(sample.header[place])
      guard case .choice(let choices, _) = column.target.kind else {
        return ["  \(column.target.name): \(heading)"]
      }
      let known = Dictionary(
        column.sortedWords.map { ($0.word, $0.meaning) }, uniquingKeysWith: { first, _ in first })
      let words = Set(sample.values[place]).sorted().prefix(MappingDraft.mostWords)
      if words.allSatisfy(choices.contains) { return ["  \(column.target.name): \(heading)"] }
      return ["  \(column.target.name):", "    from: \(heading)", "    words:"]
        + words.map { word in
          if let meaning = known[word] ?? known[word.lowercased()] {
            return "      \(quoted(word)): \(quoted(meaning))"
          }
          return
            "      # \(quoted(word)): which of \(choices.joined(separator: ", ")) is it?"
        }
    }

    /// The first form that all days have, or as many as it takes.
    private func dateForms(of values: [String]) -> [String] {
      var rest = values
      var forms: [String] = []
      for form in MappingDraft.dateForms {
        guard let format = DateFormat(pattern: form) else { continue }
        let left = rest.filter { value in
          var value = value
          return value.withUTF8 { format.date(from: $0) } == nil
        }
        if left.count < rest.count { forms.append(form) }
        rest = left
        if rest.isEmpty { break }
      }
      return forms
    }

    /// A text as YAML takes it for a text.
    private func quoted(_ text: String) -> String {
      let isWord =
        text.allSatisfy { $0.isLetter || $0.isNumber || "_-./".contains($0) }
        && text.first?.isLetter == true
        && !["yes", "no", "true", "false", "null", "on", "off", "y", "n"].contains(
          text.lowercased())
      if isWord { return text }
      return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
  }
}

/// The headings of a file as messages list them: enough to know the file by, however many there are.
func shown(_ headings: [String]) -> String {
  let most = 60
  let list = headings.prefix(most).map { "“\($0)”" }.joined(separator: ", ")
  return headings.count > most ? list + " and \(headings.count - most) more" : list
}
