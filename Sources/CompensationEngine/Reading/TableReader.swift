import Documents
import Quantities

/// Reads the tables that formulas look into.
struct TableReader {
  let draft: PlanDraft

  func readTables(_ place: DocumentNode?) {
    guard let place, let keys = DocumentMapping(anyKeys: place) else { return }
    if keys.entries.count > PlanLimits.components {
      place.report("there are more than \(PlanLimits.components) tables")
      return
    }
    for (name, value) in keys.entries {
      guard let plain = draft.formulaName(name, value), let content = read(value) else { continue }
      let table = LookupTable(name: plain, content: content)
      draft.tables.append(table)
      draft.names.tables.append((plain, table.types))
    }
  }

  private func read(_ place: DocumentNode) -> LookupTable.Content? {
    guard let own = DocumentMapping(anyKeys: place) else { return nil }
    guard let unit = own.required("value_unit").flatMap(readUnit) else { return nil }
    if own.optional("rows") != nil { return readMatrix(own, unit) }
    if own.optional("names") != nil { return readNames(own, unit) }
    own.refuseKeys(otherThan: ["value_unit", "mode", "boundary", "tiers", "points"])
    guard let mode = own.required("mode")?.choice(RateSchedule.Mode.self) else { return nil }
    let boundary =
      mode == .line
      ? .lowerInclusive : own.required("boundary")?.choice(RateSchedule.Boundary.self)
    let reader = ScheduleReader(
      valueKey: "value", unit: unit, mode: mode,
      mayStartBelowZero: mode == .level || mode == .line, refusesLargeRates: false)
    let tiers = own.required(mode == .line ? "points" : "tiers").flatMap(reader.read)
    guard let boundary, let tiers else { return nil }
    return .schedule(RateSchedule(mode: mode, boundary: boundary, unit: unit, tiers: tiers))
  }

  /// The unit of a table's values: a number as it stands, or one of the units of rates.
  private func readUnit(_ place: DocumentNode) -> RateUnit? {
    place.choice(among: ["number", "fraction", "percent", "per_mille"])
      .flatMap { $0 == "number" ? .price : RateUnit(rawValue: $0) }
  }

  private func readNames(_ own: DocumentMapping, _ unit: RateUnit) -> LookupTable.Content? {
    own.refuseKeys(otherThan: ["value_unit", "names", "otherwise"])
    var values: [String: ExactDecimal] = [:]
    guard let place = own.required("names"), let keys = DocumentMapping(anyKeys: place) else {
      return nil
    }
    if keys.entries.isEmpty || keys.entries.count > PlanLimits.coefficients {
      place.report("write from 1 to \(PlanLimits.coefficients) names with their values")
    }
    for (name, value) in keys.entries { values[name] = value.decimal().map(unit.factor) }
    guard let otherwise = own.required("otherwise") else { return nil }
    if otherwise.plainText == "refuse" { return .names(values, otherwise: nil) }
    return otherwise.decimal().map { .names(values, otherwise: unit.factor($0)) }
  }

  private func readMatrix(_ own: DocumentMapping, _ unit: RateUnit) -> LookupTable.Content? {
    own.refuseKeys(otherThan: ["value_unit", "rows", "columns", "boundary", "values"])
    let boundary = own.optional("boundary")?.choice(RateSchedule.Boundary.self)
    guard let rows = own.required("rows").flatMap({ readAxis($0, own, boundary) }),
      let columns = own.required("columns").flatMap({ readAxis($0, own, boundary) }),
      let place = own.required("values"),
      let lines = place.list(of: "one list of values for each row", atMost: PlanLimits.rateTiers)
    else { return nil }
    if lines.count != rows.count {
      place.report("there are \(lines.count) rows of values for \(rows.count) rows")
      return nil
    }
    var values: [[ExactDecimal]] = []
    for line in lines {
      guard let cells = line.list(of: "the values", atMost: PlanLimits.rateTiers) else {
        return nil
      }
      if cells.count != columns.count {
        line.report("there are \(cells.count) values for \(columns.count) columns")
        return nil
      }
      values.append(cells.compactMap { $0.decimal().map(unit.factor) })
    }
    guard values.allSatisfy({ $0.count == columns.count }) else { return nil }
    return .matrix(rows: rows, columns: columns, values: values)
  }

  /// One side: a list of names, or of lower bounds in rising order.
  private func readAxis(
    _ place: DocumentNode, _ own: DocumentMapping, _ boundary: RateSchedule.Boundary?
  ) -> LookupTable.Axis? {
    guard let items = place.list(of: "names or lower bounds", atMost: PlanLimits.rateTiers) else {
      return nil
    }
    let texts = items.compactMap { $0.text("a name or a lower bound") }
    guard texts.count == items.count else { return nil }
    let bounds = texts.compactMap(ExactDecimal.init)
    guard bounds.count == texts.count else {
      for (index, item) in items.enumerated() where texts[..<index].contains(texts[index]) {
        item.report("\(texts[index]) stands in this list twice; keep one")
      }
      return .names(texts)
    }
    for index in bounds.indices.dropFirst() where bounds[index] <= bounds[index - 1] {
      items[index].report("\(bounds[index]) is not above the bound before it; order the bounds")
    }
    guard let boundary else {
      _ = own.required("boundary")
      return nil
    }
    return .bounds(bounds, boundary)
  }
}

extension LookupTable.Axis {
  /// How many rows or columns it has.
  var count: Int {
    switch self {
    case .bounds(let bounds, _): bounds.count
    case .names(let names): names.count
    }
  }
}
