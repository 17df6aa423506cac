/// Draws charts as SVG in the page itself.
extension ChartData {
  static let colours = [
    "#1b6ca8", "#d9822b", "#3a8f5c", "#a4478e", "#c23b3b", "#5f6b7a", "#8c6d1f", "#2a9d9d",
  ]
  /// Lines that differ on black and white paper too.
  private static let dashes = ["", "7 4", "2 3", "10 3 2 3", "5 2", "1 2", "12 4", "4 4"]
  private static let width = 960.0

  /// The chart as a figure; nil if there is nothing to draw.
  func drawing(_ language: Language) -> String? {
    guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
    var figure = "<figure>\n"
    figure += chart.kind == .bar ? bars() : lines()
    if leftOut > 0 {
      figure += "<figcaption>+\(leftOut): \(htmlEscaped(language.word(.notDrawn)))</figcaption>\n"
    }
    return figure + "</figure>\n"
  }

  /// The least and the greatest value, zero among them.
  private var range: (low: Double, high: Double) {
    let heights = series.flatMap { $0.points.values.map(\.height) }
    let low = min(0, heights.min() ?? 0)
    let high = max(0, heights.max() ?? 0)
    return low == high ? (low, low + 1) : (low, high)
  }

  // MARK: - Bars, from left to right

  private func bars() -> String {
    let (labelWidth, valueWidth, thickness, pause) = (210.0, 130.0, 15.0, 9.0)
    let (low, high) = range
    let scale = (Self.width - labelWidth - valueWidth) / (high - low)
    let zero = labelWidth - low * scale
    let rows = Double(categories.count)
    let top = series.count > 1 ? 30.0 : 4.0
    let height = top + rows * (Double(series.count) * thickness + pause)
    var svg = Self.opening(height: height)
    if series.count > 1 { svg += legend(from: labelWidth) }
    var y = top
    for (place, category) in categories.enumerated() {
      let middle = y + Double(series.count) * thickness / 2
      svg += Self.text(
        shortened(category, to: 26), x: labelWidth - 8, y: middle + 4, anchor: "end")
      for (index, one) in series.enumerated() {
        if let point = one.points[place] {
          let x = zero + min(0, point.height) * scale
          let length = max(1, abs(point.height) * scale)
          svg +=
            "<rect x=\"\(shortNumber(x))\" y=\"\(shortNumber(y + 1))\" width=\"\(shortNumber(length))\" height=\"\(shortNumber(thickness - 2))\" fill=\"\(Self.colours[index])\"><title>\(htmlEscaped("\(category), \(one.name): \(point.text)"))</title></rect>\n"
          svg += Self.text(
            point.text, x: zero + max(0, point.height) * scale + 6, y: y + thickness - 4, size: 11)
        }
        y += thickness
      }
      y += pause
    }
    svg +=
      "<line x1=\"\(shortNumber(zero))\" y1=\"\(top - 2)\" x2=\"\(shortNumber(zero))\" y2=\"\(shortNumber(height))\" stroke=\"#1c2430\"/>\n"
    return svg + "</svg>\n"
  }

  // MARK: - Lines, over time

  private func lines() -> String {
    let (left, right, top, bottom, height) = (110.0, 20.0, 40.0, 34.0, 360.0)
    let ticks = Self.ticks(range)
    let (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
    func x(_ place: Int) -> Double {
      let room = Self.width - left - right
      return categories.count < 2
        ? left + room / 2 : left + room * Double(place) / Double(categories.count - 1)
    }
    func y(_ value: Double) -> Double {
      top + (height - top - bottom) * (high - value) / (high - low)
    }
    var svg = Self.opening(height: height) + legend(from: left)
    for tick in ticks {
      svg +=
        "<line x1=\"\(left)\" y1=\"\(shortNumber(y(tick)))\" x2=\"\(Self.width - right)\" y2=\"\(shortNumber(y(tick)))\" stroke=\"\(tick == 0 ? "#1c2430" : "#e3e7ec")\"/>\n"
      svg += Self.text(Self.label(tick), x: left - 8, y: y(tick) + 4, anchor: "end", size: 11)
    }
    let every = max(1, (categories.count + 11) / 12)
    for (place, category) in categories.enumerated() where place % every == 0 {
      svg += Self.text(
        shortened(category, to: 12), x: x(place), y: height - 12, anchor: "middle", size: 11)
    }
    for (index, one) in series.enumerated() {
      let points = one.points.sorted { $0.key < $1.key }
      let path = points.map { "\(shortNumber(x($0.key))),\(shortNumber(y($0.value.height)))" }
      let dash = Self.dashes[index].isEmpty ? "" : " stroke-dasharray=\"\(Self.dashes[index])\""
      svg +=
        "<polyline fill=\"none\" stroke=\"\(Self.colours[index])\" stroke-width=\"2\"\(dash) points=\"\(path.joined(separator: " "))\"/>\n"
      for point in points {
        svg +=
          "<circle cx=\"\(shortNumber(x(point.key)))\" cy=\"\(shortNumber(y(point.value.height)))\" r=\"3\" fill=\"\(Self.colours[index])\"><title>\(htmlEscaped("\(categories[point.key]), \(one.name): \(point.value.text)"))</title></circle>\n"
      }
    }
    return svg + "</svg>\n"
  }

  /// Round numbers that enclose a range, at most seven.
  static func ticks(_ range: (low: Double, high: Double)) -> [Double] {
    let rough = (range.high - range.low) / 5
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    while power > rough { power /= 10 }
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? power * 10
    let first = (range.low / step).rounded(.down)
    let last = (range.high / step).rounded(.up)
    return (Int(first)...Int(last)).map { Double($0) * step }
  }

  // MARK: - Pieces

  private func legend(from left: Double) -> String {
    var (svg, x) = ("", left)
    for (index, one) in series.enumerated() {
      let name = shortened(one.name, to: 22)
      svg +=
        "<rect x=\"\(shortNumber(x))\" y=\"6\" width=\"12\" height=\"12\" fill=\"\(Self.colours[index])\"/>\n"
      svg += Self.text(name, x: x + 17, y: 16)
      x += 17 + Double(displayWidth(name)) * 7.5 + 18
    }
    return svg
  }

  private static func opening(height: Double) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(shortNumber(width)) \(shortNumber(height))\" role=\"img\" font-size=\"12\" fill=\"#1c2430\">\n"
  }

  private static func text(
    _ text: String, x: Double, y: Double, anchor: String = "start", size: Int = 12
  ) -> String {
    "<text x=\"\(shortNumber(x))\" y=\"\(shortNumber(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(htmlEscaped(text))</text>\n"
  }

  /// A round number at an axis.
  private static func label(_ number: Double) -> String {
    guard number == number.rounded(), abs(number) < 1e18 else { return "\(Float(number))" }
    return Column("axis", .amount).shown(.integer(Int64(number)))
  }
}

/// A number of a drawing with one digit after the point.
func shortNumber(_ number: Double) -> String {
  let tenths = Int((number * 10).rounded())
  return tenths % 10 == 0 ? String(tenths / 10) : "\(Double(tenths) / 10)"
}
