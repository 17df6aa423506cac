import Quantities

/// A formula of a plan: decimal arithmetic on figures, parameters and earlier lines. It was checked
/// when the plan was read, so that evaluating it can only fail on what a person's figures are.
public struct Formula: Hashable, Sendable {
  /// The formula as the plan writes it.
  public let source: String
  let root: Expression
}

/// What a formula gives.
enum FormulaType: String, Hashable {
  case number = "a number"
  case text = "a text"
  case condition = "a condition"
}

/// A node of a formula. Names are positions by now: nothing is looked up while people are paid.
indirect enum Expression: Hashable, Sendable {
  case number(ExactRatio)
  case text(String)
  case figure(Int)
  case parameter(Int)
  case line(Int)
  case fact(PersonFact)
  case negated(Expression)
  case arithmetic(ArithmeticStep.Operation, Expression, Expression)
  case comparison(Comparison, Expression, Expression)
  case not(Expression)
  case both(Expression, Expression)
  case either(Expression, Expression)
  case choice(Expression, Expression, Expression)
  case extreme(isLargest: Bool, [Expression])
  case rounded(Expression, places: Int, Rounding)
  case absolute(Expression)
  case dividedOr(Expression, Expression, Expression)
  case lookup(table: Int, [Expression])
  case converted(Expression, currency: String)
  case aggregate(Int)
}

/// How two values compare.
enum Comparison: String, Hashable, Sendable, CaseIterable {
  case less = "<"
  case atMost = "<="
  case more = ">"
  case atLeast = ">="
  case equal = "="
  case different = "!="

  /// The sign as people read it.
  var sign: String {
    switch self {
    case .atMost: "≤"
    case .atLeast: "≥"
    case .different: "≠"
    default: rawValue
    }
  }

  func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
    switch self {
    case .less: left < right
    case .atMost: left <= right
    case .more: left > right
    case .atLeast: left >= right
    case .equal: left == right
    case .different: left != right
    }
  }
}

/// What a formula may ask of a person or of the month, apart from figures.
enum PersonFact: String, Hashable, Sendable, CaseIterable {
  case tier
  case post
  case unit
  case team
  case daysActive = "days_active"
  case daysInMonth = "days_in_month"
  case monthOfYear = "month_of_year"
  case monthOfQuarter = "month_of_quarter"
  /// The balance that the component carried from the month before.
  case carried
  /// The amount of the component's own line, in what it carries to the next month.
  case amount
  /// The sum of all lines, in what a deferral takes.
  case earned

  var type: FormulaType {
    switch self {
    case .tier, .post, .unit, .team: .text
    default: .number
    }
  }
}

/// A figure about a group of people, taken from the value that a formula has for each of them.
struct Aggregate: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable, CaseIterable {
    case total
    case average
    case count
    case highest
    case lowest
    case rank
  }

  let kind: Kind
  let value: Expression
  let group: PeopleGroup
}

/// The people who are taken together.
public enum PeopleGroup: String, Hashable, Sendable, CaseIterable {
  /// Those of the person's unit.
  case unit
  /// Those of the person's team.
  case team
  /// Those of the person's tier.
  case tier
  /// Those of the person's post.
  case post
  /// All whom the plan covers.
  case everyone
  /// Those of the units and teams that the person leads, without the person.
  case led
}
