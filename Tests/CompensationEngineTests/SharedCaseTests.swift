import CompensationEngine
import Foundation
import Quantities
import Testing

/// The collection of worked examples that lies beside the package, read in place. Where it is absent
/// the tests are skipped; `PublishedCaseTests` restates the essential numbers.
enum SharedCases {
  static let folder: URL = {
    let data =
      ProcessInfo.processInfo.environment["BANYAN_SHARED_DATA"].map { URL(filePath: $0) }
      ?? packageRoot.appending(path: "../shared/data")
    return data.appending(path: "../cases").standardizedFileURL
  }()

  static let isPresent = FileManager.default.fileExists(
    atPath: folder.appending(path: "plan_cases.json").path())

  /// The cases of both files by id, with every number as its exact text.
  static func load() throws -> [String: CaseValue] {
    var cases: [String: CaseValue] = [:]
    for file in ["plan_cases.json", "bank_cases.json"] {
      let data = try Data(contentsOf: folder.appending(path: file))
      for item in try JSONDecoder().decode([CaseValue].self, from: data) {
        cases[try item["id"].text] = item
      }
    }
    return cases
  }
}

/// A value of a case file.
indirect enum CaseValue: Decodable {
  case null
  case scalar(String)
  case list([CaseValue])
  case mapping([String: CaseValue])

  struct Missing: Error { let what: String }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .scalar(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .scalar(String(flag))
    } else if let number = try? container.decode(Decimal.self) {
      self = .scalar(number.description)
    } else if let items = try? container.decode([CaseValue].self) {
      self = .list(items)
    } else {
      self = .mapping(try container.decode([String: CaseValue].self))
    }
  }

  subscript(key: String) -> CaseValue {
    get throws {
      guard case .mapping(let values) = self, let value = values[key] else {
        throw Missing(what: key)
      }
      return value
    }
  }

  var text: String {
    get throws {
      guard case .scalar(let text) = self else { throw Missing(what: "a text") }
      return text
    }
  }

  var decimal: ExactDecimal {
    get throws {
      guard let value = ExactDecimal(try text) else { throw Missing(what: "a decimal") }
      return value
    }
  }

  var items: [CaseValue] {
    get throws {
      guard case .list(let items) = self else { throw Missing(what: "a list") }
      return items
    }
  }
}

@Suite(
  "The shared collection of worked examples",
  .enabled(if: SharedCases.isPresent, "the shared cases are not beside the package"))
struct SharedCaseTests {
  /// The rows of a case's tier list for a rate table, with bounds multiplied by `scale`.
  private func rows(
    _ tiers: CaseValue, rate: String = "rate", from: String = "from", scale: String = "1"
  ) throws -> [(from: String, rate: String)] {
    let factor = try #require(ExactDecimal(scale))
    return try tiers.items.map { tier in
      (from: (try tier[from].decimal * factor).normalized.description, rate: try tier[rate].text)
    }
  }

  private func table(
    _ rows: [(from: String, rate: String)], mode: String, boundary: String = "lower_inclusive",
    unit: String = "percent"
  ) throws -> Plan {
    try Plan(
      yaml: planText(
        components: rateTable(
          "pay", metric: "amount", mode: mode, boundary: boundary, unit: unit, rows)))
  }

  @Test("Step rates per transaction")
  func stepPerTransaction() throws {
    let example = try #require(try SharedCases.load()["oracle-step-per-transaction"])
    let plan = try table(rows(example["plan"]["tiers"]), mode: "graduated")
    var total = ExactDecimal.zero
    for transaction in try example["inputs"]["transactions"].items {
      let earned = try plan.pay(["amount": transaction["amount"].text]).earned
      let expected = try example["expected"]["payout_by_transaction"][transaction["id"].text]
      #expect(try earned == expected.decimal)
      try total += earned
    }
    #expect(try total == example["expected"]["total"].decimal)
  }

  @Test("One rate from the highest tier attained")
  func flatLookup() throws {
    let example = try #require(try SharedCases.load()["oracle-flat-lookup"])
    let plan = try table(rows(example["plan"]["tiers"]), mode: "whole")
    let rates = try example["inputs"]["amounts"].items.map { amount in
      let line = try plan.pay(["amount": amount.text]).lines[0]
      return try #require(line.arithmetic.first { $0.purpose == .wholeTier }).terms[1].value.total
    }
    #expect(try rates == example["expected"]["rate_percent"].items.map { try $0.decimal })
  }

  @Test("The split by tier is kept with the line")
  func tierSplit() throws {
    let example = try #require(try SharedCases.load()["oracle-24b-step-explain"])
    let plan = try table(rows(example["plan"]["tiers"]), mode: "graduated")
    let line = try plan.pay(["amount": example["inputs"]["amount"].text]).lines[0]
    let slices = line.arithmetic.filter { $0.purpose == .slice }
    let split = try example["expected"]["tier_split"].items
    #expect(slices.count == split.count)
    for (slice, expected) in zip(slices, split) {
      #expect(try slice.terms[0].value.total == expected["input"].decimal)
      #expect(try slice.terms[1].value.total == expected["tier_rate"].decimal)
    }
  }

  @Test(
    "Graduated and whole payouts of one amount",
    arguments: [
      ("earnbase-retro-vs-incremental", "graduated", "graduated"),
      ("earnbase-retro-vs-incremental", "whole", "retroactive_whole"),
      ("sparrow-graduated-175k", "graduated", "payout"),
      ("mathtutor-graduated", "graduated", "payout"),
      ("excelforum-accelerator", "graduated", "derived_total"),
    ])
  func onePayout(id: String, mode: String, key: String) throws {
    let example = try #require(try SharedCases.load()[id])
    let plan = try table(rows(example["plan"]["tiers"]), mode: mode)
    let statement = try plan.pay(["amount": example["inputs"]["amount"].text])
    #expect(try statement.earned == example["expected"][key].decimal)
    guard mode == "graduated", let parts = try? example["expected"]["parts"].items else { return }
    let slices = statement.lines[0].arithmetic.filter { $0.purpose == .slice }.map(\.result.total)
    #expect(try slices == parts.map { try $0.decimal })
  }

  @Test(
    "Multipliers on a target bonus, by exact attainment",
    arguments: [
      ("gtm-1.1-hunter-80", "graduated", "payout"), ("gtm-1.2-hunter-110", "graduated", "payout"),
      ("gtm-1.5-gate-not-met", "graduated", "payout"),
      ("gtm-marginal-80", "graduated", "graduated"), ("gtm-marginal-120", "graduated", "graduated"),
      ("gtm-marginal-vs-retro-110", "graduated", "graduated"),
      ("gtm-marginal-vs-retro-110", "whole", "retroactive_whole"),
    ])
  func targetBonus(id: String, mode: String, key: String) throws {
    let example = try #require(try SharedCases.load()[id])
    let bonus = try example["plan"]["target_bonus"].decimal
    let perPercent = try bonus.divided(by: ExactDecimal(100), scale: 2, rounding: .down)
    let plan = try table(
      rows(
        example["plan"]["tiers"], rate: "multiplier", from: "from_pct",
        scale: perPercent.description), mode: mode, unit: "price")
    let attained: ExactRatio
    if let percent = try? example["inputs"]["attainment_percent"].decimal {
      attained = ExactRatio(total: try bonus * percent, divisor: ExactDecimal(100))
    } else {
      attained = ExactRatio(
        total: try bonus * example["inputs"]["actual"].decimal,
        divisor: try example["inputs"]["target"].decimal)
    }
    #expect(
      try plan.pay(["amount": attained.description]).earned == example["expected"][key].decimal)
  }

  @Test("Half-open tiers give the exact figures where the source's 499.99 does not")
  func knownBadSource() throws {
    let example = try #require(try SharedCases.load()["mytime-tiers-KNOWN-BAD"])
    let plan = try table(rows(example["plan"]["tiers_printed"]), mode: "graduated")
    let paid = try example["inputs"]["amounts"].items.map {
      try plan.pay(["amount": $0.text]).earned
    }
    #expect(try paid == example["expected"]["exact_half_open"].items.map { try $0.decimal })
  }

  @Test("Forty percent over three years, of the regulator's guideline")
  func deferral() throws {
    let example = try #require(try SharedCases.load()["CN-14"])
    let inputs = try example["inputs"]
    let deferral =
      "{share: \(try inputs["deferral_ratio"].text), instalments: \(try inputs["years"].text), "
      + "spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month}"
    let plan = try Plan(
      yaml: planText(
        components: unitPrice("pay", metric: "amount", price: "1"), deferral: deferral))
    let statement = try plan.pay(["amount": inputs["performance_pay"].text])
    #expect(try statement.payable.description == example["expected"]["paid_now"].text)
    #expect(
      try statement.instalments.map(\.amount.description)
        == example["expected"]["deferred"].items.map { try $0.text })
  }

  @Test("Loans by count: the n-th loan's price, and one price for all")
  func loanCounts() throws {
    let cases = try SharedCases.load()
    let marginal = try #require(cases["CN-08"])
    let nth = try table(
      [("0", "0"), ("4", "20"), ("5", "70"), ("9", "120"), ("15", "150"), ("20", "200")].map {
        (from: $0.0, rate: $0.1)
      }, mode: "graduated", boundary: "upper_inclusive", unit: "price")
    #expect(
      try nth.pay(["amount": marginal["inputs"]["loans"].text]).amounts
        == [marginal["expected"]["loan_pay"].text])
    #expect(try nth.pay(["amount": "25"]).amounts == [marginal["expected"]["loan_pay_25"].text])
    let whole = try #require(cases["US-04"])
    let all = try table(
      [("0", "100"), ("3", "150"), ("7", "250")].map { (from: $0.0, rate: $0.1) }, mode: "whole",
      boundary: "upper_inclusive", unit: "price")
    #expect(
      try all.pay(["amount": whole["inputs"]["loans"].text]).amounts
        == [whole["expected"]["payout"].text])
  }

  @Test("Progressive risk deposits")
  func riskDeposits() throws {
    let cases = try SharedCases.load()
    let example = try #require(cases["CN-05"])
    let bands = [("0", "10"), ("2000", "20"), ("5000", "30"), ("8000", "40"), ("15000", "50")]
    let plan = try table(bands.map { (from: $0.0, rate: $0.1) }, mode: "graduated")
    let expected = try example["expected"]
    #expect(
      try plan.pay(["amount": expected["loan_performance"].text]).amounts
        == [expected["risk_deposit"].text])
    #expect(try plan.pay(["amount": "9000"]).amounts == [expected["risk_deposit_for_9000"].text])
    #expect(try plan.pay(["amount": "20000"]).amounts == [expected["risk_deposit_for_20000"].text])
  }
}
