import Documents
import Exchange

/// The header of a report's file, as it is read.
struct ReportHeader {
  let title: Wording
  let description: Wording
  let parameters: [Report.Parameter]
  let columns: [Report.PrintedColumn]
  let chart: Chart?
  let roles: [String]

  static let keyMeanings = [
    "title": "the title in one line", "description": "what the report says",
    "columns": "the columns that it prints, each with name, type and title",
    "name": "the name, in lower-case letters", "type": "what it holds",
    "en": "the text in English", "kind": "how it is drawn: bar or line",
    "category": "the column that names the places along the axis",
    "values": "the columns whose numbers are drawn",
  ]

  init?(_ root: DocumentNode) {
    let known = ["title", "description", "parameters", "columns", "chart", "roles"]
    guard let top = DocumentMapping(root, keys: known) else { return nil }
    let title = top.required("title")?.wording("a title")
    let description = top.required("description")?.wording("a description", onOneLine: false)
    let parameters = top.optional("parameters")
      .map { $0.list(of: "the parameters", atMost: 20)?.compactMap(Self.parameter) }
    let columns = top.required("columns")?.list(of: "the columns", atMost: 200)?
      .compactMap(Self.column)
    let roles = top.optional("roles")
      .map { $0.list(of: "the roles", atMost: 20)?.compactMap { $0.code() } }
    guard let title, let description, let columns else { return nil }
    self.title = title
    self.description = description
    self.parameters = (parameters ?? []) ?? []
    self.columns = columns
    self.roles = (roles ?? []) ?? []
    chart = top.optional("chart").flatMap { Self.chart($0, of: columns) }
    Self.refuseRepeats(columns.map(\.name), "column", at: top.required("columns"))
    Self.refuseRepeats(
      self.parameters.map(\.name), "parameter", at: top.optional("parameters"))
  }

  private static func refuseRepeats(_ names: [String], _ what: String, at place: DocumentNode?) {
    var seen: Set<String> = []
    if let name = names.first(where: { !seen.insert($0).inserted }) {
      place?.report("the \(what) \(name) stands here twice; give one another name")
    }
  }

  private static func parameter(_ item: DocumentNode) -> Report.Parameter? {
    guard
      let keys = DocumentMapping(
        item, keys: ["name", "type", "description", "default", "choices"]),
      let name = keys.required("name")?.code(),
      let type = keys.required("type")?.choice(Report.ParameterType.self)
    else { return nil }
    let description = keys.optional("description").map { $0.wording("what it means") }
    let choices = keys.optional("choices")
      .map { $0.list(of: "the choices", atMost: 50)?.compactMap { $0.text("a choice") } }
    let standard = keys.optional("default")?.plainText
    if let choices = choices ?? nil, let standard, !choices.contains(standard) {
      keys.optional("default")?.report(
        "the default \"\(standard)\" is none of the choices; add it to them, or choose one")
    }
    return Report.Parameter(
      name: name, type: type, description: (description ?? nil) ?? Wording(""),
      standard: standard, choices: (choices ?? []) ?? [])
  }

  private static func column(_ item: DocumentNode) -> Report.PrintedColumn? {
    guard
      let keys = DocumentMapping(
        item, keys: ["name", "type", "title", "unit", "format", "total"]),
      let name = keys.required("name")?.code(),
      let type = keys.required("type")?.choice(among: ["text", "integer", "amount", "date"]),
      let title = keys.required("title")?.wording("a heading")
    else { return nil }
    let kind: ColumnKind =
      switch type {
      case "integer": .integer
      case "amount": .amount
      case "date": .date
      default: .text
      }
    let total = keys.optional("total")
    let isNumber = kind == .integer || kind == .amount
    if total?.choice(among: ["sum"]) != nil, !isNumber {
      total?.report("a column of type \(type) has no sum; take `total` away")
    }
    return Report.PrintedColumn(
      name: name, title: title, kind: kind,
      unit: keys.optional("unit")?.wording("a unit, or currency for that of the bank"),
      format: keys.optional("format")?.choice(NumberFormat.self), isSummed: total != nil)
  }

  private static func chart(_ node: DocumentNode, of columns: [Report.PrintedColumn]) -> Chart? {
    func place(_ node: DocumentNode) -> Int? {
      guard let name = node.choice(among: columns.map(\.name)) else { return nil }
      return columns.firstIndex { $0.name == name }
    }
    guard
      let keys = DocumentMapping(node, keys: ["kind", "category", "values", "series", "only"]),
      let kind = keys.required("kind")?.choice(Chart.Kind.self),
      let category = keys.required("category").flatMap(place),
      let values = keys.required("values")?.list(of: "the columns", atMost: 8)
    else { return nil }
    let numbers = values.compactMap { node -> Int? in
      guard let index = place(node) else { return nil }
      if columns[index].kind == .integer || columns[index].kind == .amount { return index }
      node.report("the column \(columns[index].name) holds no numbers to draw; name one that does")
      return nil
    }
    var only: Chart.Condition?
    if let condition = keys.optional("only") {
      guard let entries = DocumentMapping(condition, keys: columns.map(\.name)) else { return nil }
      guard let entry = entries.entries.first, entries.entries.count == 1,
        let column = columns.firstIndex(where: { $0.name == entry.key }),
        let text = entry.value.text("what stands in the column")
      else {
        condition.report("write one column and what stands in it, such as {level: branch}")
        return nil
      }
      only = Chart.Condition(column: column, text: text)
    }
    return Chart(
      kind, category: category, values: numbers, series: keys.optional("series").flatMap(place),
      only: only)
  }
}
