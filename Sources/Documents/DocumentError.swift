/// Why a document could not be used: everything that is wrong with it, in the order of its lines.
public struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problems; at least one.
  public let problems: [DocumentProblem]

  /// The problems in the order of their lines.
  public init(problems: [DocumentProblem]) {
    self.problems = problems.sorted {
      ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message)
    }
  }

  /// One line for each problem.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

/// One thing that is wrong with a document, where it is and what to do.
public struct DocumentProblem: Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The column, from 1, in characters.
  public let column: Int
  /// The place in the document, such as `components[2].tiers[1].rate`, with positions counted from
  /// 0; empty for the document as a whole.
  public let path: String
  /// One sentence that says what is wrong and what to do.
  public let message: String

  /// A problem at a place.
  public init(line: Int, column: Int, path: String, message: String) {
    self.line = line
    self.column = column
    self.path = path
    self.message = message
  }

  /// `line 12, column 9, components[2].tiers[1].rate: ...`.
  public var description: String {
    "line \(line), column \(column)\(path.isEmpty ? "" : ", \(path)"): \(message)"
  }
}
