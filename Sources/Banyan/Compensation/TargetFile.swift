import Exchange
import LibPQ
import Quantities

/// Targets from a file that people write: a row for each person or unit, metric and period. A file
/// with anything wrong in it loads nothing, and everything that is wrong is told at once.
public struct TargetFile: Sendable {
  /// A target of one month.
  struct Target: Sendable {
    let line: Int
    let unit: String?
    let person: String?
    let metric: String
    let month: Month
    let amount: ExactDecimal
  }

  /// The targets, month by month.
  let targets: [Target]

  private static let columns = ["person", "unit", "metric", "period", "amount", "seasons"]
  private static let problemLimit = 100
  /// Digits after the point of the months that a longer period is split into.
  private static let places = 2

  /// Reads a file with a header: `person` or `unit`, `metric`, `period`, `amount`, and where wanted
  /// `seasons`: the weights of the months of a quarter or a year.
  ///
  /// - Throws: ``BanyanError`` with every line that is wrong.
  public init(path: String, on connection: isolated Connection) throws {
    let metrics = try MetricCatalogue(on: connection).names
    let reader: CSVReader
    do {
      reader =
        try FileKind(path: path) == .zip
        ? CSVReader(workbook: path, sheet: nil, trimsBlanks: true) : CSVReader(path: path)
    } catch {
      throw BanyanError.data("\(error)")
    }
    for name in reader.header where !Self.columns.contains(name) {
      throw BanyanError.data(
        "\(path): the column “\(name)” is not known; the columns are \(Self.columns.joined(separator: ", "))"
      )
    }
    for name in ["metric", "period", "amount"] where !reader.header.contains(name) {
      throw BanyanError.data("\(path): the column “\(name)” is missing")
    }
    var targets: [Target] = []
    var problems: [String] = []
    do {
      while let record = try reader.next() {
        if let problem = record.problem {
          problems.append("\(path):\(record.lineNumber): \(problem)")
          continue
        }
        var fields: [String: String] = [:]
        for (index, name) in reader.header.enumerated() where !record.field(index).isEmpty {
          fields[name] = record.string(index)
        }
        do {
          targets += try Self.targets(of: fields, line: record.lineNumber, metrics)
        } catch let error as BanyanError {
          problems.append("\(path):\(record.lineNumber): \(error.description)")
        }
        if problems.count >= Self.problemLimit { break }
      }
    } catch let error as FileProblem {
      throw BanyanError.data(error.description)
    }
    if !problems.isEmpty { throw BanyanError.data(problems.joined(separator: "\n")) }
    self.targets = targets
  }

  private static func targets(
    of fields: [String: String], line: Int, _ metrics: Set<String>
  ) throws -> [Target] {
    let (person, unit) = (fields["person"], fields["unit"])
    if (person == nil) == (unit == nil) {
      throw BanyanError.data("give either a person or a unit")
    }
    guard let metric = fields["metric"] else { throw BanyanError.data("the metric is missing") }
    guard metrics.contains(metric) else {
      throw BanyanError.data(
        "the metric “\(metric)” is not known; known are \(metrics.sorted().joined(separator: ", "))"
      )
    }
    guard let text = fields["amount"], let amount = ExactDecimal(text), !amount.isNegative else {
      throw BanyanError.data(
        "the amount “\(fields["amount"] ?? "")” is not a plain decimal of zero or more, such as 1200.50"
      )
    }
    let months = try Self.months(of: fields["period"] ?? "")
    let weights = try Self.weights(fields["seasons"], months.count)
    guard let parts = try? amount.apportioned(by: weights, scale: max(amount.scale, places)) else {
      throw BanyanError.data("the amount \(amount) cannot be split by the seasons; check them")
    }
    return zip(months, parts).map {
      Target(line: line, unit: unit, person: person, metric: metric, month: $0, amount: $1)
    }
  }

  /// The months of `2026-01`, `2026-Q1` or `2026`.
  private static func months(of period: String) throws -> [Month] {
    if let month = Month(period) { return [month] }
    let parts = period.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1, let year = Int(parts[0]), let first = Month(year: year, month: 1) {
      return (0..<12).map { first.adding(months: $0) }
    }
    if parts.count == 2, parts[1].hasPrefix("Q"), let year = Int(parts[0]),
      let quarter = Int(parts[1].dropFirst()), (1...4).contains(quarter),
      let first = Month(year: year, month: quarter * 3 - 2)
    {
      return (0..<3).map { first.adding(months: $0) }
    }
    throw BanyanError.data(
      "the period “\(period)” is none; write a month 2026-01, a quarter 2026-Q1 or a year 2026")
  }

  private static func weights(_ text: String?, _ count: Int) throws -> [ExactDecimal] {
    guard let text else { return Array(repeating: .one, count: count) }
    let parts = text.split(separator: " ").map(String.init)
    let weights = parts.compactMap(ExactDecimal.init)
    if weights.count == parts.count, weights.count == count,
      weights.allSatisfy({ !$0.isNegative }), weights.contains(where: { !$0.isZero })
    {
      return weights
    }
    throw BanyanError.data(
      "the seasons “\(text)” are not \(count) weights of zero or more with blanks between them")
  }

  /// Puts the targets on record, all or none; those that are there already stay.
  ///
  /// - Returns: How many months have a new target.
  public func load(on connection: isolated Connection) throws -> Int {
    try connection.transaction { connection in
      var count = 0
      for target in targets {
        let isNew = try connection.explainingRefusals { connection in
          try connection.value(
            """
            select bank.record_target(\(target.unit), \(target.person), \(target.metric),
              \(target.month.firstDay), \(target.amount))
            """, as: Bool.self)
        }
        if isNew { count += 1 }
      }
      return count
    }
  }

  /// The targets on record of a year, or of one person or unit in it.
  public static func listing(
    year: Int, person: String?, unit: String?, on connection: isolated Connection
  ) throws -> Listing {
    guard let first = Month(year: year, month: 1), let last = Month(year: year, month: 12) else {
      throw BanyanError.usage("\(year) is no year; write one such as 2026")
    }
    return try Listing(
      [
        Column("unit"), Column("person"), Column("metric"), Column("month"),
        Column("amount", .amount),
      ],
      """
      select u.code, e.number, t.metric, to_char(t.month, 'YYYY-MM'), t.amount
      from bank.target as t
      join bank.org_unit as u on u.org_unit_id = t.branch_id
      left join bank.employee as e on e.employee_id = t.employee_id
      where t.superseded_at is null and t.month between \(first.firstDay) and \(last.firstDay)
        and (\(person)::text is null or e.number = \(person))
        and (\(unit)::text is null or (u.code = \(unit) and t.employee_id is null))
      order by u.code collate "C", e.number collate "C" nulls first, t.metric, t.month
      """, on: connection)
  }
}
