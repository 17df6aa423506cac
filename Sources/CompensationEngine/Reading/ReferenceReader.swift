import Documents

/// Reads the `of` lists of multipliers and caps: the earlier components whose lines they sum.
struct ReferenceReader {
  /// The code of every component as it is written, nil where there is none.
  let codes: [String?]
  /// The position of the component that is being read.
  var position = 0
  /// The components that adjust others, with the positions of those they adjust.
  private var adjustments: [(position: Int, adjusts: Set<Int>)] = []

  init(codes: [String?]) { self.codes = codes }

  /// The position of the component before this one that has the same code.
  func earlierPosition(of code: String) -> Int? {
    codes[..<position].firstIndex(of: code)
  }

  /// The components that an `of` list names, or nil if a name cannot be resolved. One that adjusts
  /// them must name what other adjustments made of them as well.
  mutating func read(
    _ place: DocumentNode, isAdjusting: Bool = true
  ) -> ComponentReferences? {
    guard let items = place.list(of: "the codes", atMost: PlanLimits.components) else { return nil }
    var found: [(code: String, position: Int)] = []
    for item in items {
      guard let code = item.code(), let target = resolve(code, item) else { continue }
      if found.contains(where: { $0.position == target }) {
        item.report("\(code) stands in this list twice, so it would count twice; keep one")
      } else {
        found.append((code, target))
      }
    }
    guard found.count == items.count else { return nil }
    let positions = Set(found.map(\.position))
    if isAdjusting {
      checkAdjustments(of: positions, place)
      adjustments.append((position, positions))
    }
    return ComponentReferences(codes: found.map(\.code), positions: found.map(\.position))
  }

  private func resolve(_ code: String, _ place: DocumentNode) -> Int? {
    guard let target = codes.firstIndex(of: code) else {
      let known = codes[..<position].compactMap(\.self)
      let hint =
        nearestName(to: code, among: known).map { "did you mean \($0)?" }
        ?? "name components above this one"
      place.report("there is no component \(code); \(hint)")
      return nil
    }
    if target < position { return target }
    place.report(
      target == position
        ? "\(code) refers to itself; name components above this one"
        : "\(code) stands below this component; move it above, because components are evaluated "
          + "in order and may not refer to each other in a circle")
    return nil
  }

  /// A component that a multiplier or a cap has already changed must come with that change.
  /// Otherwise a cap would leave out what the coefficient added, or take the same excess away twice.
  private func checkAdjustments(of positions: Set<Int>, _ place: DocumentNode) {
    for adjustment in adjustments where !adjustment.adjusts.isDisjoint(with: positions) {
      let needed = adjustment.adjusts.union([adjustment.position]).subtracting(positions)
      if needed.isEmpty { continue }
      let changed = adjustment.adjusts.intersection(positions).sorted()
      place.report(
        "\(names(adjustment.position)) above already changes \(changed.map(names).joined(separator: ", ")); "
          + "name \(needed.sorted().map(names).joined(separator: ", ")) here as well, or move this "
          + "component above it")
    }
  }

  private func names(_ position: Int) -> String { codes[position] ?? "components[\(position)]" }
}
