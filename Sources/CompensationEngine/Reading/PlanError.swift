/// Why a plan file is not a plan: everything that is wrong with it, in the order of its lines.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problems; at least one.
  public let problems: [PlanProblem]

  /// One line for each problem.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

/// One thing that is wrong with a plan file, where it is and what to do.
public struct PlanProblem: Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The column, from 1, in characters.
  public let column: Int
  /// The place in the plan, such as `components[2].tiers[1].rate`, with positions counted from 0;
  /// empty for the file as a whole.
  public let path: String
  /// One sentence that says what is wrong and what to do.
  public let message: String

  /// `line 12, column 9, components[2].tiers[1].rate: ...`.
  public var description: String {
    "line \(line), column \(column)\(path.isEmpty ? "" : ", \(path)"): \(message)"
  }
}
