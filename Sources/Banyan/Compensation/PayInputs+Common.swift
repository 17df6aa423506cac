import CompensationEngine
import Foundation
import LibPQ
import Quantities

extension PayInputs {
  /// What a run knew about no single person, as it is stored with the run: what currencies were worth,
  /// and deals with those who took part.
  struct Common: Codable, Hashable {
    /// A deal as it is stored.
    struct KnownDeal: Codable, Hashable {
      let number: String
      let metric: String
      let amount: ExactDecimal
      /// Pairs of a person's number and a role.
      var participants: [[String]]

      var deal: Deal {
        Deal(
          number: number, metric: metric, amount: amount,
          participants: participants.map { Deal.Participant(person: $0[0], role: $0[1]) })
      }
    }

    var rates: [String: ExactDecimal] = [:]
    var deals: [KnownDeal] = []

    /// Digits after the point of an average rate.
    static let ratePlaces = 10

    /// Whether there is nothing of it.
    var isEmpty: Bool { rates.isEmpty && deals.isEmpty }

    /// Nothing.
    init() {}

    /// Reads what a plan asks for.
    init(month: Month, plan: Plan, on connection: isolated Connection) throws {
      if case .dated(let day) = plan.exchange {
        rates = try Self.rates(of: month, on: day, on: connection)
      }
      if plan.components.contains(where: \.sharesDeals) {
        deals = try Self.deals(of: month, on: connection)
      }
    }

    /// Reads what a run on record knew.
    init(of run: Int32, on connection: isolated Connection) throws {
      let json = try connection.value(
        "select inputs from bank.pay_run where pay_run_id = \(run)", as: JSONText.self)
      if json.text == "{}" { return }
      self = try JSONDecoder().decode(Common.self, from: Data(json.text.utf8))
    }

    /// As a JSON text that is the same for the same content; an empty object for nothing.
    func text() throws -> String {
      if isEmpty { return "{}" }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private static func rates(
      of month: Month, on day: CompensationEngine.Exchange.Day, on connection: isolated Connection
    ) throws -> [String: ExactDecimal] {
      var rates: [String: ExactDecimal] = [:]
      let rows = try connection.rows(
        """
        select currency, month_end, month_sum, days
        from bank.exchange_rates_for_pay(\(month.firstDay))
        """, as: (String, ExactDecimal, ExactDecimal, Int).self, limit: .max)
      for (currency, last, sum, days) in rows {
        rates[currency] =
          switch day {
          case .monthEnd: last
          case .monthAverage:
            try sum.divided(by: ExactDecimal(days), scale: ratePlaces, rounding: .halfUp)
          }
      }
      return rates
    }

    private static func deals(
      of month: Month, on connection: isolated Connection
    ) throws -> [KnownDeal] {
      var deals: [KnownDeal] = []
      let rows = try connection.rows(
        "select loan_number, amount, person, role from bank.deals_for_pay(\(month.firstDay))",
        as: (String, ExactDecimal, String, String).self, limit: .max)
      for (number, amount, person, role) in rows {
        if deals.last?.number == number {
          deals[deals.count - 1].participants.append([person, role])
        } else {
          deals.append(
            KnownDeal(
              number: number, metric: CreditMetric.loansGrantedAmount.planName, amount: amount,
              participants: [[person, role]]))
        }
      }
      return deals
    }
  }
}

extension Component {
  /// Whether the component shares deals by roles.
  var sharesDeals: Bool {
    if case .dealSplit = rule { true } else { false }
  }
}
