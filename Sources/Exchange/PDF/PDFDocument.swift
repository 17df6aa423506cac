/// Writes a PDF of A4 pages: text, rectangles and rules. Places are points from the upper left corner.
/// Neither a clock nor a name of the machine stands in it, so the same pages are the same bytes.
struct PDFDocument {
  /// The width of a page.
  static let width = 595.28
  /// The height of a page.
  static let height = 841.89

  private let title: String
  private let language: Language
  private var pages: [String] = []

  /// A document without pages.
  init(title: String, language: Language) {
    (self.title, self.language) = (title, language)
  }

  /// How many pages there are.
  var pageCount: Int { pages.count }

  /// Begins the next page; what is drawn goes there.
  mutating func beginPage() { pages.append("") }

  /// Writes one line of text, whose feet stand at `y`.
  ///
  /// - Parameters:
  ///   - page: The page, from 0; the last one unless told otherwise.
  ///   - alignment: Whether `x` is where it begins or where it ends.
  mutating func text(
    _ text: String, x: Double, y: Double, size: Double, isBold: Bool = false, ink: String,
    alignment: Alignment = .left, page: Int? = nil
  ) {
    guard !text.isEmpty else { return }
    let left =
      alignment == .left ? x : x - PDFFont.width(of: text, size: size, isBold: isBold)
    var content =
      "BT \(Self.colour(ink)) rg \(Self.colour(ink)) RG 1 0 0 1 \(number(left)) \(number(Self.height - y)) Tm\n"
    for run in PDFFont.runs(text, isBold: isBold) {
      // There is no bold Chinese among the fonts, so its strokes are drawn around as well.
      content += run.font == .chinese && isBold ? "2 Tr \(number(size / 40)) w " : "0 Tr "
      content += "/F\(run.font.rawValue) \(number(size)) Tf \(run.operand) Tj\n"
    }
    draw(content + "ET\n", page)
  }

  /// Fills a rectangle.
  mutating func fill(x: Double, y: Double, width: Double, height: Double, ink: String) {
    draw(
      "\(Self.colour(ink)) rg \(number(x)) \(number(Self.height - y - height)) \(number(width)) \(number(height)) re f\n",
      nil)
  }

  /// Draws the outline of a rectangle.
  mutating func outline(x: Double, y: Double, width: Double, height: Double, ink: String) {
    draw(
      "\(Self.colour(ink)) RG 0.8 w \(number(x)) \(number(Self.height - y - height)) \(number(width)) \(number(height)) re S\n",
      nil)
  }

  private mutating func draw(_ content: String, _ page: Int?) {
    pages[page ?? pages.count - 1] += content
  }

  /// The file.
  func bytes() -> [UInt8] {
    var file = PDFObjects()
    let kids = pages.indices.map { "\(Self.firstPage + 2 * $0) 0 R" }.joined(separator: " ")
    file.add("<< /Type /Catalog /Pages 2 0 R /Lang (\(language == .en ? "en" : "zh-CN")) >>")
    file.add("<< /Type /Pages /Count \(pages.count) /Kids [\(kids)] >>")
    for name in ["Helvetica", "Helvetica-Bold"] {
      file.add(
        "<< /Type /Font /Subtype /Type1 /BaseFont /\(name) /Encoding /WinAnsiEncoding >>")
    }
    file.add(
      "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>"
    )
    file.add(
      "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 7 0 R /DW 1000 >>"
    )
    file.add(
      "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
    )
    file.add("<< /Title <FEFF\(title.utf16.map(Self.digits).joined())> /Producer (Banyan) >>")
    for (index, content) in pages.enumerated() {
      file.add(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 \(number(Self.width)) \(number(Self.height))] /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> /Contents \(Self.firstPage + 2 * index + 1) 0 R >>"
      )
      file.add("<< /Length \(content.utf8.count) >>\nstream\n\(content)endstream")
    }
    return file.bytes(root: 1, information: 8)
  }

  /// The number of the first page's object, behind catalogue, tree, fonts and title.
  private static let firstPage = 9

  private static func digits(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// A colour such as `#1f2933` as three numbers from 0 to 1.
  private static func colour(_ ink: String) -> String {
    let value = Int(ink.dropFirst(), radix: 16) ?? 0
    return [value >> 16, value >> 8 & 255, value & 255]
      .map { hundredth(Double($0) / 255) }.joined(separator: " ")
  }

  private func number(_ number: Double) -> String { Self.hundredth(number) }

  /// A number with at most two digits after the point.
  private static func hundredth(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    return sign + String(whole) + (part == 0 ? "" : part < 10 ? ".0\(part)" : ".\(part)")
  }
}

/// The objects of a PDF, numbered from 1 in the order in which they come.
private struct PDFObjects {
  private var file: [UInt8]
  private var places: [Int] = []

  init() {
    // The second line holds bytes above 127, by which programs know that the file is not text.
    file = Array("%PDF-1.5\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A]
  }

  mutating func add(_ object: String) {
    places.append(file.count)
    file.append(contentsOf: "\(places.count) 0 obj\n\(object)\nendobj\n".utf8)
  }

  func bytes(root: Int, information: Int) -> [UInt8] {
    var table = "xref\n0 \(places.count + 1)\n0000000000 65535 f \n"
    for place in places {
      let digits = String(place)
      table += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
    }
    table +=
      "trailer\n<< /Size \(places.count + 1) /Root \(root) 0 R /Info \(information) 0 R >>\nstartxref\n\(file.count)\n%%EOF\n"
    return file + Array(table.utf8)
  }
}
