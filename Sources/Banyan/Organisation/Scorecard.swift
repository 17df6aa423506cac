import Documents
import Foundation
import LibPQ
import Quantities

/// How a tier review counts: lines that give or take points, the totals from which tiers are reached,
/// and gates. Written in YAML (docs/organisation.md), kept word for word, applied in the database.
public struct Scorecard: Sendable {
  struct Item: Sendable {
    let kind: String
    let code: String
    let title: String
    let weight: ExactDecimal?
    let standard: ExactDecimal?
    let most: ExactDecimal?
    let points: ExactDecimal?
  }

  struct Gate: Sendable {
    let tier: String
    let measure: String
    let atLeast: ExactDecimal?
    let atMost: ExactDecimal?
  }

  /// Code that stays the same through all versions.
  public let code: String
  let title: String
  let effectiveFrom: CivilDate
  let stepsUp: Int
  let stepsDown: Int
  let items: [Item]
  let tiers: [(tier: String, from: ExactDecimal)]
  let gates: [Gate]

  /// Reads a scorecard; the error holds everything that is wrong with it, each with its line.
  public init(yaml: String) throws(DocumentError) {
    self = try Document.read(yaml: yaml, kind: "scorecard", meanings: Self.meanings, Self.read)
  }

  /// Puts a scorecard on record as a new version of its code, unless the very same text is there.
  ///
  /// - Returns: The version, and whether it is new.
  public static func load(
    path: String, on connection: isolated Connection
  ) throws -> (code: String, version: Int, isNew: Bool) {
    guard let document = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw BanyanError.data("the scorecard “\(path)” is missing or is not UTF-8 text")
    }
    let card: Scorecard
    do {
      card = try Scorecard(yaml: document)
    } catch {
      throw BanyanError.data(error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
    }
    return try connection.explainingRefusals { connection in
      try connection.transaction { connection in
        try connection.execute(
          "select pg_advisory_xact_lock(hashtextextended('versions of scorecards', 0))")
        let digest = Digest.of(document)
        if let version = try connection.optionalRow(
          "select version from bank.scorecard where digest = \(digest)", as: Int.self)
        {
          return (card.code, version, false)
        }
        return (card.code, try card.store(document, digest, on: connection), true)
      }
    }
  }

  private func store(
    _ document: String, _ digest: [UInt8], on connection: isolated Connection
  ) throws -> Int {
    let (id, version) = try connection.row(
      """
      insert into bank.scorecard
        (code, version, title, effective_from, steps_up, steps_down, document, digest)
      select \(code), coalesce(max(version), 0) + 1, \(title), \(effectiveFrom), \(Int32(stepsUp)), \(Int32(stepsDown)),
        \(document), \(digest)
      from bank.scorecard where code = \(code)
      returning scorecard_id, version
      """, as: (Int32, Int).self)
    for (index, item) in items.enumerated() {
      try connection.execute(
        """
        insert into bank.scorecard_item
          (scorecard_id, position, kind, code, title, weight, standard, most, points)
        values (\(id), \(Int32(index + 1)), \(item.kind)::text::bank.scorecard_item_kind, \(item.code), \(item.title),
          \(item.weight), \(item.standard), \(item.most), \(item.points))
        """)
    }
    for (tier, from) in tiers {
      try connection.execute("select bank.require_tier(\(tier))")
      try connection.execute(
        "insert into bank.scorecard_tier (scorecard_id, tier, from_total) values (\(id), \(tier), \(from))"
      )
    }
    for (index, gate) in gates.enumerated() {
      try connection.execute(
        """
        insert into bank.scorecard_gate (scorecard_id, position, tier, measure, at_least, at_most)
        values (\(id), \(Int32(index + 1)), \(gate.tier), \(gate.measure), \(gate.atLeast), \(gate.atMost))
        """)
    }
    return version
  }

  // MARK: - Reading

  private static let meanings = [
    "scorecard": "the code that stays the same through all versions",
    "title": "what people call it", "effective_from": "the first day of a period that it may judge",
    "steps": "how many tiers one review may move a person at most, `up` and `down`",
    "standard": "lines that give points for a measure against its standard",
    "tiers": "the total from which each tier is reached",
    "measure": "the code of what is measured", "weight": "the points at exactly the standard",
  ]

  private static func read(_ root: DocumentNode) -> Scorecard? {
    guard
      let top = DocumentMapping(
        root,
        keys: [
          "scorecard", "title", "effective_from", "steps", "standard", "certificates", "violations",
          "tiers", "gates",
        ])
    else { return nil }
    let code = top.required("scorecard")?.code()
    let title = top.required("title")?.text("a title")
    let from = top.required("effective_from")?.date()
    let steps = top.required("steps").flatMap { DocumentMapping($0, keys: ["up", "down"]) }
    let up = steps?.required("up")?.wholeNumber(in: 0...100)
    let down = steps?.required("down")?.wholeNumber(in: 0...100)
    let standards = top.required("standard")?.list(of: "the lines", atMost: 100)?
      .compactMap(readStandard)
    let certificates = top.optional("certificates").map(readCertificates) ?? []
    let violations = top.optional("violations").map(readViolations) ?? []
    let tiers = top.required("tiers").flatMap { DocumentMapping(anyKeys: $0) }?.entries
      .compactMap { entry in entry.value.decimal().map { (tier: entry.key, from: $0) } }
    let gates = top.optional("gates").map {
      $0.list(of: "the gates", atMost: 100)?.compactMap(readGate)
    }
    let tierNames = tiers?.map(\.tier) ?? []
    for gate in (gates ?? []) ?? [] where !tierNames.contains(gate.tier) {
      top.optional("gates")?.report(
        "a gate is for the tier “\(gate.tier)”, which is not under `tiers`")
    }
    guard let code, let title, let from, let up, let down, let standards, let certificates,
      let violations, let tiers
    else { return nil }
    return Scorecard(
      code: code, title: title, effectiveFrom: from, stepsUp: up, stepsDown: down,
      items: standards + certificates + violations, tiers: tiers, gates: (gates ?? []) ?? [])
  }

  private static func readStandard(_ node: DocumentNode) -> Item? {
    guard
      let keys = DocumentMapping(node, keys: ["measure", "title", "weight", "standard", "most"]),
      let code = keys.required("measure")?.code(),
      let weight = positive(keys.required("weight")),
      let standard = positive(keys.required("standard"))
    else { return nil }
    let title = keys.optional("title")?.text("a title") ?? code
    let most = keys.optional("most").map(positive) ?? weight
    return most.map {
      Item(
        kind: "standard", code: code, title: title, weight: weight, standard: standard, most: $0,
        points: nil)
    }
  }

  private static func readCertificates(_ node: DocumentNode) -> [Item]? {
    guard let keys = DocumentMapping(node, keys: ["most", "points"]),
      let most = positive(keys.required("most")),
      let points = keys.required("points").flatMap({ DocumentMapping(anyKeys: $0) })
    else { return nil }
    return points.entries.compactMap { entry in
      positive(entry.value).map {
        Item(
          kind: "certificate", code: entry.key, title: entry.key, weight: nil, standard: nil,
          most: most, points: $0)
      }
    }
  }

  private static func readViolations(_ node: DocumentNode) -> [Item]? {
    DocumentMapping(anyKeys: node)?.entries.compactMap { entry in
      positive(entry.value).map {
        Item(
          kind: "violation", code: entry.key, title: entry.key, weight: nil, standard: nil,
          most: nil, points: $0)
      }
    }
  }

  private static func readGate(_ node: DocumentNode) -> Gate? {
    guard let keys = DocumentMapping(node, keys: ["tier", "measure", "at_least", "at_most"]),
      let tier = keys.required("tier")?.text("a tier"),
      let measure = keys.required("measure")?.code()
    else { return nil }
    let atLeast = keys.optional("at_least")?.decimal()
    let atMost = keys.optional("at_most")?.decimal()
    if (atLeast == nil) == (atMost == nil) {
      node.report("a gate has either `at_least` or `at_most`; write one of the two")
      return nil
    }
    return Gate(tier: tier, measure: measure, atLeast: atLeast, atMost: atMost)
  }

  private static func positive(_ node: DocumentNode?) -> ExactDecimal? {
    guard let node, let value = node.decimal() else { return nil }
    if value.coefficient > 0 { return value }
    node.report("\(value) is not above zero; write a number above zero")
    return nil
  }

  private init(
    code: String, title: String, effectiveFrom: CivilDate, stepsUp: Int, stepsDown: Int,
    items: [Item], tiers: [(tier: String, from: ExactDecimal)], gates: [Gate]
  ) {
    self.code = code
    self.title = title
    self.effectiveFrom = effectiveFrom
    self.stepsUp = stepsUp
    self.stepsDown = stepsDown
    self.items = items
    self.tiers = tiers
    self.gates = gates
  }
}
