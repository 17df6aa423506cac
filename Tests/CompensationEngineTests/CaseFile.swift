import CompensationEngine
import Documents
import Foundation
import Quantities
import Testing

/// A file of `seeds/cases`: a plan, people with their figures, and what they are paid. The figures are
/// those of published examples; `docs/worked-cases.md` says which and where they differ.
struct CaseFile {
  /// One case of a file.
  struct Case {
    var id = ""
    var month = december
    var population = Population(people: [])
    var expected: [Expected] = []
    /// A part of the sentence by which the plan or the run is refused.
    var refused: String?
  }

  /// What one person is expected to get.
  struct Expected {
    var person = ""
    var isCovered = true
    var lines: [String: ExactDecimal] = [:]
    var earned: ExactDecimal?
    var payable: ExactDecimal?
    var instalments: [ExactDecimal]?
    var carried: [String: ExactDecimal]?
    var explained: [String] = []
  }

  let name: String
  let plan: String
  let cases: [Case]

  static let folder = packageRoot.appending(path: "seeds/cases")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  init(_ name: String) throws {
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    self.name = name
    (plan, cases) = try Document.read(yaml: text, kind: "case file", meanings: [:]) { root in
      guard let top = DocumentMapping(root, keys: ["plan", "cases"]),
        let plan = top.required("plan")?.plainText,
        let items = top.required("cases")?.list(of: "the cases", atMost: 100)
      else { return nil }
      return (plan, items.compactMap(Self.read))
    }
  }

  private static func read(_ place: DocumentNode) -> Case? {
    guard
      let own = DocumentMapping(
        place,
        keys: ["case", "month", "people", "bank", "units", "deals", "rates", "expect", "refused"])
    else { return nil }
    var item = Case()
    item.id = own.required("case")?.plainText ?? ""
    if let month = own.optional("month")?.plainText.flatMap(Month.init) {
      item.month = month
    } else {
      item.month = Month("2026-03") ?? december
    }
    item.refused = own.optional("refused")?.plainText
    for node in own.optional("people")?.list(of: "people", atMost: 100) ?? [] {
      if let person = readPerson(node) { item.population.people.append(person) }
    }
    if let bank = own.optional("bank").flatMap({ DocumentMapping(anyKeys: $0) }) {
      item.population.bank = readFigures(bank)
    }
    if let units = own.optional("units").flatMap({ DocumentMapping(anyKeys: $0) }) {
      for (code, node) in units.entries {
        if let keys = DocumentMapping(anyKeys: node) {
          item.population.units[code] = readFigures(keys)
          item.population.teams[code] = readFigures(keys)
        }
      }
    }
    item.population.exchangeRates = decimals(own.optional("rates"))
    for node in own.optional("deals")?.list(of: "deals", atMost: 100) ?? [] {
      if let deal = readDeal(node) { item.population.deals.append(deal) }
    }
    for node in own.optional("expect")?.list(of: "what is expected", atMost: 100) ?? [] {
      if let expected = readExpected(node) { item.expected.append(expected) }
    }
    return item
  }

  private static func readPerson(_ place: DocumentNode) -> PersonInputs? {
    guard
      let own = DocumentMapping(
        place,
        keys: [
          "person", "tier", "post", "unit", "team", "leads", "days", "metrics", "quarter", "year",
          "targets", "quarter_targets", "year_targets", "carried", "paid", "transactions",
          "entries",
        ]), let name = own.required("person")?.plainText
    else { return nil }
    var person = PersonInputs(
      person: name, tier: own.optional("tier")?.plainText, metrics: [:],
      unit: own.optional("unit")?.plainText, post: own.optional("post")?.plainText)
    person.team = own.optional("team")?.plainText
    person.leads =
      own.optional("leads")?.list(of: "groups", atMost: 10)?.compactMap(\.plainText) ?? []
    person.daysActive = own.optional("days")?.wholeNumber(in: 0...31)
    person.figures = readFigures(own)
    person.carried = decimals(own.optional("carried"))
    if let paid = own.optional("paid").flatMap({ DocumentMapping(anyKeys: $0) }) {
      for (span, node) in paid.entries {
        if let span = Span(rawValue: span) { person.paid[span] = decimals(node) }
      }
    }
    if let metrics = own.optional("transactions").flatMap({ DocumentMapping(anyKeys: $0) }) {
      for (metric, node) in metrics.entries {
        person.transactions[metric] = decimals(node).map {
          Transaction(number: $0.key, amount: $0.value)
        }
      }
    }
    for node in own.optional("entries")?.list(of: "entries", atMost: 100) ?? [] {
      if let keys = DocumentMapping(node, keys: ["class", "record", "amount"]),
        let kind = keys.required("class")?.plainText,
        let record = keys.required("record")?.plainText,
        let amount = keys.required("amount")?.decimal()
      {
        person.entries.append(Entry(entryClass: kind, record: record, amount: amount))
      }
    }
    return person
  }

  private static func readFigures(_ own: DocumentMapping) -> FigureInputs {
    FigureInputs(
      metrics: [
        .month: ratios(own.optional("metrics")), .quarter: ratios(own.optional("quarter")),
        .year: ratios(own.optional("year")),
      ],
      targets: [
        .month: ratios(own.optional("targets")), .quarter: ratios(own.optional("quarter_targets")),
        .year: ratios(own.optional("year_targets")),
      ])
  }

  private static func readDeal(_ place: DocumentNode) -> Deal? {
    guard
      let own = DocumentMapping(place, keys: ["number", "metric", "amount", "participants"]),
      let number = own.required("number")?.plainText,
      let metric = own.required("metric")?.plainText,
      let amount = own.required("amount")?.decimal(),
      let people = own.required("participants").flatMap({ DocumentMapping(anyKeys: $0) })
    else { return nil }
    return Deal(
      number: number, metric: metric, amount: amount,
      participants: people.entries.map {
        Deal.Participant(person: $0.key, role: $0.value.plainText ?? "")
      })
  }

  private static func readExpected(_ place: DocumentNode) -> Expected? {
    guard
      let own = DocumentMapping(
        place,
        keys: [
          "person", "covered", "lines", "earned", "payable", "instalments", "carried", "explained",
        ]), let person = own.required("person")?.plainText
    else { return nil }
    var expected = Expected()
    expected.person = person
    expected.isCovered = own.optional("covered")?.plainText != "no"
    expected.lines = decimals(own.optional("lines"))
    expected.earned = own.optional("earned")?.decimal()
    expected.payable = own.optional("payable")?.decimal()
    expected.instalments = own.optional("instalments")?.list(of: "amounts", atMost: 20)?
      .compactMap { $0.decimal() }
    expected.carried = own.optional("carried").map(decimals)
    expected.explained =
      own.optional("explained")?.list(of: "sentences", atMost: 20)?.compactMap(\.plainText) ?? []
    return expected
  }

  private static func decimals(_ place: DocumentNode?) -> [String: ExactDecimal] {
    guard let place, let keys = DocumentMapping(anyKeys: place) else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: keys.entries.compactMap { key, node in node.decimal().map { (key, $0) }
      })
  }

  private static func ratios(_ place: DocumentNode?) -> [String: MetricValue] {
    guard let place, let keys = DocumentMapping(anyKeys: place) else { return [:] }
    var values: [String: MetricValue] = [:]
    for (key, node) in keys.entries {
      if let value = node.plainText.flatMap(MetricValue.init) {
        values[key] = value
      } else {
        node.report("\(key) is not a number")
      }
    }
    return values
  }
}

@Suite("The worked cases, as plans and inputs")
struct CaseFileTests {
  @Test("Each case gives what its source says", arguments: CaseFile.names)
  func paysAsExpected(name: String) throws {
    let file = try CaseFile(name)
    for item in file.cases {
      if let refused = item.refused {
        let message = try refusal(of: file, item)
        #expect(message.contains(refused), "\(item.id): \(message)")
        continue
      }
      let plan = try Plan(yaml: file.plan)
      let statements = try plan.evaluate(item.population, for: item.month)
      #expect(!item.expected.isEmpty, "\(item.id) expects nothing")
      for expected in item.expected {
        let position = try #require(
          item.population.people.firstIndex { $0.person == expected.person })
        let found = statements[position]
        #expect((found != nil) == expected.isCovered, "\(item.id)")
        if let found { expect(found, expected, item.id) }
      }
    }
  }

  private func refusal(of file: CaseFile, _ item: CaseFile.Case) throws -> String {
    do {
      _ = try Plan(yaml: file.plan).evaluate(item.population, for: item.month)
      return "nothing was refused"
    } catch let error as DocumentError {
      return error.description
    } catch let error as PopulationError {
      return error.description
    }
  }

  private func expect(_ found: PayStatement, _ expected: CaseFile.Expected, _ id: String) {
    for (code, amount) in expected.lines {
      let line = found.lines.first { $0.component == code }
      #expect(line?.amount == amount, "\(id): \(code) of \(expected.person)")
    }
    if let earned = expected.earned { #expect(found.earned == earned, "\(id)") }
    if let payable = expected.payable { #expect(found.payable == payable, "\(id)") }
    if let instalments = expected.instalments {
      #expect(found.instalments.map(\.amount) == instalments, "\(id)")
    }
    if let carried = expected.carried { #expect(found.carried == carried, "\(id)") }
    let sentences = found.lines.flatMap { $0.arithmetic.map(\.description) }
    for sentence in expected.explained {
      #expect(sentences.contains(sentence), "\(id): \(sentence) in \(sentences)")
    }
  }

  @Test("Every case of the collection that concerns pay is in the table of the documentation")
  func table() throws {
    let text = try String(
      contentsOf: packageRoot.appending(path: "docs/worked-cases.md"), encoding: .utf8)
    for name in CaseFile.names {
      let file = try CaseFile(name)
      for item in file.cases where !item.id.hasPrefix("own-") {
        let row = text.split(separator: "\n").first { $0.hasPrefix("| \(item.id) |") }
        #expect(row?.contains(name) == true, "\(item.id) of \(name) has no row")
      }
    }
    guard SharedCases.isPresent else { return }
    for id in try SharedCases.load().keys {
      #expect(text.contains("| \(id) |"), "\(id) has no row")
    }
  }
}
