import Documents
import Foundation
import Quantities

/// A value of a plan that is tried in several sizes: `deposits.price=8..12/5`.
public struct PlanVariation: Hashable, Sendable {
  /// Where the value stands in the plan.
  public let path: String
  /// The values to try, from the first to the last in equal steps.
  public let values: [ExactDecimal]

  /// The most values of one variation.
  static let limit = 1_000
  /// Digits after the point of the steps between.
  private static let places = 10

  /// Reads `PLACE=FROM..TO/STEPS` or `PLACE=VALUE`. A place begins with the code of a component, or
  /// with a key of the plan such as `parameters`.
  ///
  /// - Throws: ``BanyanError`` if it is neither.
  public init(_ text: String) throws {
    func refusal() -> BanyanError {
      BanyanError.usage(
        "“\(text)” is no variation; write PLACE=FROM..TO/STEPS, such as deposits.price=8..12/5")
    }
    let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard sides.count == 2 else { throw refusal() }
    let top = sides[0].split { $0 == "." || $0 == "[" }.first.map(String.init) ?? ""
    let keys = ["parameters", "tables", "figures", "deferral", "exchange_rates", "components"]
    path =
      keys.contains(top)
      ? sides[0] : "components[\(top)]" + sides[0].dropFirst(top.count)
    if let value = ExactDecimal(sides[1]) {
      values = [value]
      return
    }
    let parts = sides[1].split(separator: "/").map(String.init)
    let bounds = (parts.first ?? "").components(separatedBy: "..").compactMap(ExactDecimal.init)
    guard parts.count == 2, bounds.count == 2, let steps = Int(parts[1]),
      (2...Self.limit).contains(steps)
    else { throw refusal() }
    let width = try bounds[1] - bounds[0]
    values = try (0..<steps).map { step in
      let part = try (width * ExactDecimal(step)).divided(
        by: ExactDecimal(steps - 1), scale: Self.places, rounding: .halfEven)
      return try (bounds[0] + part).normalized
    }
  }

  /// Every combination of the values of several variations; one without any change for none.
  static func combinations(_ variations: [PlanVariation]) throws -> [[DocumentChange]] {
    var combinations: [[DocumentChange]] = [[]]
    for variation in variations {
      combinations = combinations.flatMap { changes in
        variation.values.map {
          changes + [DocumentChange(path: variation.path, value: $0.description)]
        }
      }
      if combinations.count > limit {
        throw BanyanError.usage(
          "there are more than \(limit) combinations; vary fewer places, or in fewer steps")
      }
    }
    return combinations
  }
}
