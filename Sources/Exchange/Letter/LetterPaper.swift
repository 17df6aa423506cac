import Quantities

/// A letter as a PDF of A4 pages.
public struct LetterPaper {
  private let letter: Letter
  private var document: PDFDocument
  /// Where the next thing stands, from the top of the page.
  private var y = 0.0

  private static let (left, right) = (51.0, PDFDocument.width - 51)
  private static let (top, bottom) = (48.0, PDFDocument.height - 56)
  private static var room: Double { right - left }
  private static let size = 9.5
  private static let small = 8.0

  /// The paper of a letter.
  public init(_ letter: Letter) {
    self.letter = letter
    document = PDFDocument(
      title: "\(letter.title) · \(letter.subtitle)", language: letter.language)
  }

  /// Writes the file and closes the sink.
  public func write(to sink: OutputSink) throws(FileProblem) {
    var paper = self
    try sink.write(unconverted: paper.bytes())
    try sink.close()
  }

  private mutating func bytes() -> [UInt8] {
    beginPage()
    writeHead()
    writeFacts()
    writeFigures()
    for block in letter.blocks {
      y += 20
      write(block)
    }
    for page in 0..<document.pageCount {
      let foot = PDFDocument.height - 34
      let number = "\(page + 1) / \(document.pageCount)"
      let footer = wrapped(letter.footer, to: Self.room - 60, size: 7.5).prefix(2)
      for (index, line) in footer.enumerated() {
        document.text(
          line, x: Self.left, y: foot + Double(index) * 10, size: 7.5, ink: Letter.Ink.quiet,
          page: page)
      }
      document.text(
        number, x: Self.right, y: foot, size: 7.5, ink: Letter.Ink.quiet, alignment: .right,
        page: page)
    }
    return document.bytes()
  }

  private mutating func beginPage() {
    document.beginPage()
    document.fill(x: 0, y: 0, width: PDFDocument.width, height: 6, ink: Letter.Ink.main)
    y = Self.top
  }

  /// Goes on to the next page if what follows does not fit on this one.
  ///
  /// - Returns: Whether it did.
  @discardableResult
  private mutating func need(_ height: Double) -> Bool {
    guard y + height > Self.bottom else { return false }
    beginPage()
    return true
  }

  // MARK: - The top

  private mutating func writeHead() {
    document.text(
      letter.title, x: Self.left, y: y, size: 11, isBold: true, ink: Letter.Ink.main)
    if let stamp = letter.stamp {
      let width = PDFFont.width(of: stamp, size: 8.5, isBold: true)
      document.outline(
        x: Self.right - width - 14, y: y - 11, width: width + 14, height: 16, ink: Letter.Ink.stamp)
      document.text(
        stamp, x: Self.right - 7, y: y, size: 8.5, isBold: true, ink: Letter.Ink.stamp,
        alignment: .right)
    }
    document.text(
      letter.subtitle, x: Self.left, y: y + 26, size: 20, isBold: true, ink: Letter.Ink.text)
    y += 38
  }

  private mutating func writeFacts() {
    rule(Letter.Ink.rule)
    let width = Self.room / 4
    var (column, lines) = (0, 1)
    for fact in letter.facts {
      let span = Letter.isWide(fact) ? 2 : 1
      if column + span > 4 {
        y += 18 + 12 * Double(lines)
        (column, lines) = (0, 1)
      }
      let x = Self.left + Double(column) * width
      let values = wrapped(fact.value, to: width * Double(span) - 12, size: Self.size)
      document.text(fact.name, x: x, y: y + 14, size: 7.5, ink: Letter.Ink.quiet)
      for (line, text) in values.enumerated() {
        document.text(
          text, x: x, y: y + 26 + Double(line) * 12, size: Self.size, ink: Letter.Ink.text)
      }
      column += span
      lines = max(lines, values.count)
    }
    y += 18 + 12 * Double(lines)
    y += 6
    rule(Letter.Ink.rule)
  }

  private mutating func writeFigures() {
    let gap = 10.0
    let width = (Self.room - gap * 2) / 3
    y += 14
    for (index, figure) in letter.figures.enumerated() {
      let x = Self.left + Double(index) * (width + gap)
      if figure.isMain {
        document.fill(x: x, y: y, width: width, height: 46, ink: Letter.Ink.main)
      } else {
        document.outline(x: x, y: y, width: width, height: 46, ink: Letter.Ink.rule)
      }
      document.text(
        figure.title, x: x + 10, y: y + 16, size: 8,
        ink: figure.isMain ? Letter.Ink.paleBar : Letter.Ink.quiet)
      document.text(
        figure.text, x: x + 10, y: y + 36, size: 15, isBold: true,
        ink: figure.isMain ? "#ffffff" : Letter.Ink.text)
    }
    y += 46
  }

  // MARK: - Blocks

  private mutating func write(_ block: Letter.Block) {
    switch block {
    case .split(let title, let parts):
      heading(title, with: 40)
      write(parts)
    case .gauges(let title, let gauges, let note):
      heading(title, with: 46)
      for gauge in gauges { write(gauge) }
      write(note: note)
    case .table(let title, let columns, let rows, let note):
      heading(title, with: 60)
      write(columns, rows)
      write(note: note)
    case .text(let title, let paragraphs):
      heading(title, with: 30)
      for paragraph in paragraphs { lines(of: paragraph, size: Self.size, Letter.Ink.text) }
    }
  }

  private mutating func heading(_ title: String, with height: Double) {
    need(18 + height)
    document.text(
      title, x: Self.left, y: y + 10, size: 10.5, isBold: true, ink: Letter.Ink.main)
    y += 18
  }

  private mutating func write(note: String) {
    if note.isEmpty { return }
    y += 3
    lines(of: note, size: Self.small, Letter.Ink.quiet)
  }

  private mutating func lines(of text: String, size: Double, _ ink: String) {
    for line in wrapped(text, to: Self.room, size: size) {
      need(size + 4)
      document.text(line, x: Self.left, y: y + size, size: size, ink: ink)
      y += size + 4
    }
  }

  private mutating func write(_ parts: [Letter.Part]) {
    var (x, legend) = (Self.left, Self.left)
    for (index, part) in parts.enumerated() {
      let ink = index == 0 ? Letter.Ink.bar : Letter.Ink.paleBar
      let width = Self.room * min(max(Double("\(part.share)") ?? 0, 0), 1)
      document.fill(x: x, y: y, width: width, height: 10, ink: ink)
      x += width
      document.fill(x: legend, y: y + 17, width: 7, height: 7, ink: ink)
      let text = "\(part.title)  \(part.text)"
      document.text(
        text, x: legend + 11, y: y + 24, size: Self.small, ink: Letter.Ink.text)
      legend += 30 + PDFFont.width(of: text, size: Self.small, isBold: false)
    }
    y += 26
  }

  private mutating func write(_ gauge: Letter.Gauge) {
    need(40)
    document.text(gauge.title, x: Self.left, y: y + 9, size: Self.size, ink: Letter.Ink.text)
    document.text(
      gauge.text, x: Self.right, y: y + 9, size: Self.size, isBold: true, ink: Letter.Ink.text,
      alignment: .right)
    let isBelow = gauge.length < Letter.Gauge.mark
    document.fill(x: Self.left, y: y + 15, width: Self.room, height: 8, ink: Letter.Ink.track)
    document.fill(
      x: Self.left, y: y + 15, width: Self.room * gauge.length, height: 8,
      ink: isBelow ? Letter.Ink.paleBar : Letter.Ink.bar)
    document.fill(
      x: Self.left + Self.room * Letter.Gauge.mark, y: y + 13, width: 1.4, height: 12,
      ink: Letter.Ink.text)
    document.text(
      gauge.detail, x: Self.left, y: y + 33, size: Self.small, ink: Letter.Ink.quiet)
    y += 40
  }

  private mutating func rule(_ ink: String) {
    document.fill(x: Self.left, y: y, width: Self.room, height: 0.6, ink: ink)
  }
}

// MARK: - Tables

extension LetterPaper {
  private mutating func write(_ columns: [Column], _ rows: [Letter.Row]) {
    let edges = edges(of: columns, rows)
    write(headings: columns, edges)
    for (index, row) in rows.enumerated() {
      let texts = zip(columns, row.cells).enumerated().map { place, pair in
        wrapped(
          pair.0.shown(pair.1), to: edges[place].upperBound - edges[place].lowerBound,
          size: Self.size, isBold: row.isTotal)
      }
      let notes = row.notes.flatMap { wrapped($0, to: Self.room - 14, size: Self.small) }
      let height = 6 + 12.5 * Double(texts.map(\.count).max() ?? 1)
      // The first lines of small print stay with their row; a long rest goes on to the next page.
      if need(height + 10.5 * Double(min(notes.count, 12))) { write(headings: columns, edges) }
      if index > 0 { rule(row.isTotal ? Letter.Ink.text : Letter.Ink.rule) }
      for (place, lines) in texts.enumerated() {
        let isRight = columns[place].alignment == .right
        for (line, text) in lines.enumerated() {
          document.text(
            text, x: isRight ? edges[place].upperBound : edges[place].lowerBound,
            y: y + 13 + Double(line) * 12.5, size: Self.size, isBold: row.isTotal,
            ink: row.cells[place].isNegative ? Letter.Ink.minus : Letter.Ink.text,
            alignment: columns[place].alignment)
        }
      }
      y += height
      for note in notes {
        if need(10.5) { write(headings: columns, edges) }
        document.text(
          note, x: Self.left + 14, y: y + 8, size: Self.small, ink: Letter.Ink.quiet)
        y += 10.5
      }
      if !notes.isEmpty { y += 4 }
    }
  }

  private mutating func write(headings columns: [Column], _ edges: [ClosedRange<Double>]) {
    for (place, column) in columns.enumerated() {
      document.text(
        column.title,
        x: column.alignment == .right ? edges[place].upperBound : edges[place].lowerBound,
        y: y + 9, size: Self.small, ink: Letter.Ink.quiet, alignment: column.alignment)
    }
    y += 13
    rule(Letter.Ink.text)
  }

  /// Where each column begins and ends. Numbers have the room that they need, and texts share the rest.
  private func edges(of columns: [Column], _ rows: [Letter.Row]) -> [ClosedRange<Double>] {
    let gap = 12.0
    var widths = columns.enumerated().map { place, column in
      rows.map { row in
        PDFFont.width(
          of: column.shown(row.cells[place]), size: Self.size, isBold: row.isTotal)
      }.reduce(PDFFont.width(of: column.title, size: Self.small, isBold: false), max)
    }
    let texts = columns.indices.filter { columns[$0].alignment == .left }
    let spare = Self.room - gap * Double(columns.count - 1) - widths.reduce(0, +)
    let wanted = texts.map { widths[$0] }.reduce(0, +)
    if spare < 0, wanted > 0 {
      for place in texts { widths[place] *= max(0.2, (wanted + spare) / wanted) }
    } else if let first = texts.max(by: { widths[$0] < widths[$1] }) {
      widths[first] += spare
    }
    var x = Self.left
    return widths.map { width in
      defer { x += width + gap }
      return x...(x + width)
    }
  }

  /// A text in lines that are no wider than they may be. Lines end at blanks, and between Chinese
  /// characters; a word that is wider than a line is cut.
  private func wrapped(
    _ text: String, to width: Double, size: Double, isBold: Bool = false
  ) -> [String] {
    func fits(_ line: String) -> Bool {
      // What was measured to fit must fit again.
      PDFFont.width(of: line, size: size, isBold: isBold) <= width + 0.01
    }
    if fits(text) { return [text] }
    var (lines, line, word) = ([String](), "", "")
    func take() {
      if !fits(line + word), !line.isEmpty {
        lines.append(line)
        line = ""
        if word.first == " " { word.removeFirst() }
      }
      while !fits(word), word.count > 1 {
        var head = word
        while !fits(head), head.count > 1 { head.removeLast() }
        lines.append(head)
        word.removeFirst(head.count)
      }
      line += word
      word = ""
    }
    for character in text {
      let isWide = character.unicodeScalars.allSatisfy { $0.value >= 0x2E80 }
      if character == " " || isWide { take() }
      word.append(character)
      if isWide { take() }
    }
    take()
    return lines + [line]
  }
}
