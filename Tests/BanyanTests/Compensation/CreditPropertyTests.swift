import Banyan
import LibPQ
import Quantities
import TestSupport
import Testing

/// Credits of a month against a count of days, one by one, for banks made up at random: accounts that
/// change hands within the month, with splits and gaps.
@Suite struct CreditPropertyTests {
  /// One account's life, in days from 1 January 2026; shares are in millionths, money in cents.
  private struct Account {
    let number: String
    var movements: [(day: Int, cents: Int)] = []
    var loans: [(day: Int, cents: Int)] = []
    var periods: [(from: Int, until: Int?, shares: [(employee: Int, share: Int)])] = []

    init(index: Int, _ dice: inout Dice) {
      number = "P\(index)"
      for _ in 0..<Int.random(in: 0...12, using: &dice) {
        movements.append(
          (.random(in: 0..<80, using: &dice), .random(in: -500_000...900_000, using: &dice)))
      }
      if Bool.random(using: &dice) {
        loans.append(
          (.random(in: 20..<70, using: &dice), .random(in: 1...90_000_000, using: &dice)))
      }
      var day = Int.random(in: 0..<45, using: &dice)
      while day < 75 {
        let length = Int.random(in: 1...40, using: &dice)
        let isLast = Int.random(in: 0..<4, using: &dice) == 0
        let splits = [
          [1_000_000], [700_000, 300_000], [333_333, 333_333, 333_334], [999_999, 1],
        ]
        let split = splits.randomElement(using: &dice) ?? []
        let people = Array(1...3).shuffled(using: &dice)
        periods.append((day, isLast ? nil : day + length, zip(people, split).map { ($0, $1) }))
        if isLast { return }
        day += length + (Bool.random(using: &dice) ? 0 : Int.random(in: 1...6, using: &dice))
      }
    }

    func holders(on day: Int) -> [(employee: Int, share: Int)] {
      periods.first { $0.from <= day && ($0.until.map { day < $0 } ?? true) }?.shares ?? []
    }

    func balance(at day: Int) -> Int {
      movements.reduce(0) { $0 + ($1.day <= day ? $1.cents : 0) }
    }
  }

  private func text(day: Int) -> String {
    CivilDate(year: 2026, month: 1, day: 1)?.adding(days: day).description ?? ""
  }

  private func bank(_ accounts: [Account]) -> TinyBank {
    func amount(_ cents: Int) -> String {
      ExactDecimal(coefficient: Int128(cents), scale: 2).description
    }
    var number = 0
    func next(_ letter: String) -> String {
      number += 1
      return letter + String(number)
    }
    var bank = TinyBank()
    for account in accounts {
      bank = bank.adding("\(account.number),B1,demand,CNY,2026-01-01,\n", to: "accounts.csv")
      for (day, cents) in account.movements {
        let direction = cents < 0 ? "debit" : "credit"
        bank = bank.adding(
          "\(next("M")),\(account.number),\(text(day: day)),\(direction),\(amount(abs(cents))),,,,,\n",
          to: "transactions.csv")
      }
      for (day, cents) in account.loans {
        bank = bank.adding(
          "\(next("K")),\(account.number),\(text(day: day)),\(amount(cents)),12,0.00,running\n",
          to: "loans.csv")
      }
      for (from, until, shares) in account.periods {
        for (employee, share) in shares {
          let fraction = ExactDecimal(coefficient: Int128(share), scale: 6)
          bank = bank.adding(
            "\(account.number),E\(employee),\(fraction),\(text(day: from)),\(until.map(text) ?? "")\n",
            to: "assignments.csv")
        }
      }
    }
    return bank
  }

  @Test(arguments: Torture.seeds(3, of: 30))
  func whatIsCreditedIsWhatTheDaysSay(seed: UInt64) async throws {
    var dice = Dice(seed: seed)
    let accounts = (0..<40).map { Account(index: $0, &dice) }
    let bank = bank(accounts)
    let folder = try bank.write()
    let database = try await TestServer.migratedDatabase()
    let folderImport = try bank.folderImport(from: folder)
    let february = try #require(Month("2026-02"))
    let rejected = try await database.withConnection { connection in
      let result = try folderImport.run(on: connection)
      _ = try PayRun.run(month: february, on: connection)
      return result.files.map(\.rejected).reduce(0, +)
    }
    #expect(rejected == 0)

    var expected: [String: Int128] = [:]  // in millionths of a cent
    var whole: [String: Int128] = [:]
    for account in accounts {
      for day in 31..<59 {
        whole[account.number, default: 0] += Int128(account.balance(at: day))
        for (employee, share) in account.holders(on: day) {
          expected["E\(employee) deposit_balance_days \(account.number)", default: 0] +=
            Int128(account.balance(at: day)) * Int128(share)
        }
      }
      for loan in account.loans where (31..<59).contains(loan.day) {
        for (employee, share) in account.holders(on: loan.day) {
          expected["E\(employee) loans_granted_amount \(account.number)", default: 0] +=
            Int128(loan.cents) * Int128(share)
          expected["E\(employee) loans_granted_count \(account.number)", default: 0] +=
            Int128(share) * 100
        }
      }
    }
    var credited: [String: Int128] = [:]
    let rows = try await database.withConnection { connection in
      try connection.rows(
        """
        select e.number || ' ' || c.metric || ' ' || a.number, sum(c.credited)
        from bank.pay_credit as c
        join bank.employee as e using (employee_id)
        join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
        where a.number like 'P%' group by 1
        """, as: (String, ExactDecimal).self)
    }
    for (key, sum) in rows { credited[key] = sum.units(atScale: 8) }
    #expect(credited == expected.filter { $0.value != 0 })

    // Where shares covered every day, the holders' parts are the account's balance days by the roll-up.
    let covered = accounts.filter { account in
      (31..<59).allSatisfy { !account.holders(on: $0).isEmpty }
    }
    #expect(covered.count > 5)
    let rollUp = try await database.withConnection { connection in
      try connection.rows(
        """
        select a.number, coalesce(28 * sum(m.credits - m.debits) filter (where m.month < '2026-02-01'), 0)
          + coalesce(sum(m.movement_days) filter (where m.month = '2026-02-01'), 0),
          coalesce((select sum(c.credited) from bank.pay_credit as c
            where c.branch_id = a.branch_id and c.account_id = a.account_id
              and c.metric = 'deposit_balance_days'), 0)
        from bank.account as a left join bank.account_month as m using (branch_id, account_id)
        group by a.branch_id, a.account_id, a.number
        """, as: (String, ExactDecimal, ExactDecimal).self)
    }
    for (number, days, holders) in rollUp {
      if let balanceDays = whole[number] { #expect(days.units(atScale: 2) == balanceDays) }
      if covered.contains(where: { $0.number == number }) { #expect(days == holders) }
    }
  }
}
