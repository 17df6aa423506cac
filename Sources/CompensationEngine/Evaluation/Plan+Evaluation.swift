import Quantities

extension Plan {
  /// Evaluates the plan for everybody whom it covers, for one month. The same inputs always give the
  /// same statements, whatever their order; no clock, file or database is read.
  ///
  /// - Parameters:
  ///   - population: The people and what is known about them. Those whom the plan does not cover are
  ///     left out of pools, ranks and averages.
  ///   - month: The month.
  ///   - isExplaining: Whether lines keep their arithmetic; without it, evaluation is faster.
  /// - Returns: A statement for each person in the order of the population; nil for people whom the
  ///   plan does not cover.
  public func evaluate(
    _ population: Population, for month: Month, isExplaining: Bool = true
  ) throws(PopulationError) -> [PayStatement?] {
    guard isInForce(for: month) else {
      throw PopulationError(errors: [
        EvaluationError(
          plan: code, person: population.people.first?.person ?? "anybody", component: nil,
          reason: .notInForce(month, from: effectiveFrom, until: effectiveUntil))
      ])
    }
    let evaluation = PopulationEvaluation(
      self, population, month: month, isExplaining: isExplaining)
    return try evaluation.statements()
  }

  /// Evaluates the plan for one person and one month, as if there were nobody else.
  public func evaluate(
    _ inputs: PersonInputs, for month: Month
  ) throws(EvaluationError) -> PayStatement {
    let statements: [PayStatement?]
    do throws(PopulationError) {
      statements = try evaluate(Population(people: [inputs]), for: month)
    } catch {
      throw error.errors[0]
    }
    guard let statement = statements[0] else {
      throw EvaluationError(
        plan: code, person: inputs.person, component: nil, reason: .notCovered)
    }
    return statement
  }
}
