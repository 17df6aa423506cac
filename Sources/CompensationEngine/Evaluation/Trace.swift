import Quantities

/// What is written down while a line is calculated: its arithmetic, if anybody wants it. A what-if
/// over many variants only wants the amounts, and makes no steps.
struct Trace {
  /// Whether steps are wanted.
  let isExplaining: Bool
  /// The steps so far.
  var steps: [ArithmeticStep] = []

  init(isExplaining: Bool) { self.isExplaining = isExplaining }

  /// Adds a step whose making costs nothing where none is wanted.
  mutating func add(_ step: @autoclosure () -> ArithmeticStep) {
    if isExplaining { steps.append(step()) }
  }
}
