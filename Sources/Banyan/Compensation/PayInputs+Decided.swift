import CompensationEngine
import Foundation
import LibPQ
import Quantities

/// What is decided for people and what they were within the month, and people whom the plan is not
/// applied to.
extension PayInputs {
  /// People whom the plan of a run on record was not applied to, in the order of their numbers.
  static func others(of run: Int32, on connection: isolated Connection) throws -> [Person] {
    let decoder = JSONDecoder()
    return try connection.rows(
      """
      select s.employee_id, e.number, s.branch_id, s.inputs
      from bank.pay_statement as s join bank.employee as e using (employee_id)
      where s.pay_run_id = \(run) and not s.is_regular order by e.number collate "C"
      """, as: (Int32, String, Int32, JSONText).self, limit: .max
    ).map { id, number, branch, json in
      Person(
        id: id, number: number, branch: branch, tier: nil,
        known: try decoder.decode(Known.self, from: Data(json.text.utf8)))
    }
  }

  /// People whom the plan is not applied to and who get a correction or a decided amount all the same,
  /// such as those who have left, in the order of their numbers.
  func others(
    with corrected: Set<Int32>, on connection: isolated Connection
  ) throws -> [Person] {
    let wanted = corrected.union(entriesOfOthers.keys).subtracting(people.map(\.id))
    if wanted.isEmpty { return [] }
    return try connection.rows(
      """
      select employee_id, number, branch_id from bank.employee
      where employee_id = any (\(Array(wanted))) order by number collate "C"
      """, as: (Int32, String, Int32).self, limit: .max
    ).map { id, number, branch in
      var known = Known()
      known.entries = entriesOfOthers[id]
      return Person(id: id, number: number, branch: branch, tier: nil, known: known)
    }
  }

  mutating func readEntries(
    _ plan: Plan, _ positions: [Int32: Int], on connection: isolated Connection
  ) throws {
    let rows = try connection.rows(
      "select employee_id, class, record, amount, reason from bank.entries_for_pay(\(month.firstDay), \(plan.code))",
      as: (Int32, String, String, ExactDecimal, String).self, limit: .max)
    for (employee, entryClass, record, amount, reason) in rows {
      let decided = DecidedAmount(
        entryClass: entryClass, record: record, amount: amount, reason: reason)
      if let position = positions[employee] {
        people[position].known.entries = (people[position].known.entries ?? []) + [decided]
      } else {
        entriesOfOthers[employee, default: []].append(decided)
      }
    }
  }

  mutating func readTierSpans(
    _ plan: Plan, _ positions: [Int32: Int], on connection: isolated Connection
  ) throws {
    guard plan.components.contains(where: \.goesByTierDays) else { return }
    let rows = try connection.rows(
      "select employee_id, tier, days from bank.tiers_within(\(month.firstDay))",
      as: (Int32, String, Int).self, limit: .max)
    for (employee, tier, days) in rows {
      guard let position = positions[employee] else { continue }
      people[position].known.tierSpans =
        (people[position].known.tierSpans ?? []) + [TierSpan(tier: tier, days: days)]
    }
  }
}
