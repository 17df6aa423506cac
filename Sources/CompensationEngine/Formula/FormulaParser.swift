import Documents
import Quantities

/// Reads a formula into expressions, with every name resolved and every type checked.
struct FormulaParser {
  private let tokens: [FormulaToken]
  private var position = 0
  private var depth = 0
  private let names: FormulaNames
  /// The aggregates that the formula takes, appended to those that the plan has already.
  private(set) var aggregates: [Aggregate]
  /// The figures that the formula names, with the character at which it does.
  private(set) var figureUses: [(figure: Int, offset: Int)] = []

  /// How deeply parentheses and functions may lie in each other.
  private static let depthLimit = 40

  typealias Typed = (expression: Expression, type: FormulaType, offset: Int)

  init(_ text: String, names: FormulaNames, aggregates: [Aggregate]) throws(FormulaProblem) {
    self.tokens = try FormulaScanner.tokens(of: text)
    self.names = names
    self.aggregates = aggregates
  }

  /// The whole formula, which must give the type that is wanted.
  mutating func formula(giving wanted: FormulaType) throws(FormulaProblem) -> Expression {
    if peek == .end {
      throw FormulaProblem(message: "the formula is empty; write \(wanted.rawValue)", offset: 0)
    }
    let result = try alternative()
    if case .name(let name) = peek, name == "then" || name == "else" {
      throw problem("write if(condition, value, other value)")
    }
    if peek != .end { throw problem("\(described(peek)) does not continue the formula") }
    try expect(wanted, result)
    return result.expression
  }

  // MARK: - Tokens

  private var peek: FormulaToken.Content { tokens[position].content }
  private var offset: Int { tokens[position].offset }

  private func problem(_ message: String) -> FormulaProblem {
    FormulaProblem(message: message, offset: offset)
  }

  private func described(_ content: FormulaToken.Content) -> String {
    switch content {
    case .number(let value, let isPercent): "the number \(value)\(isPercent ? "%" : "")"
    case .text(let text): "the text '\(text)'"
    case .name(let name): "the name \(name)"
    case .sign(let sign): "the sign \(sign)"
    case .end: "the end of the formula"
    }
  }

  private mutating func take(sign: String) -> Bool {
    guard peek == .sign(sign) else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard peek == .name(word) else { return false }
    position += 1
    return true
  }

  private mutating func require(sign: String, _ advice: String) throws(FormulaProblem) {
    if !take(sign: sign) {
      throw problem("\(described(peek)) stands where \(advice) is expected")
    }
  }

  private func expect(_ type: FormulaType, _ value: Typed) throws(FormulaProblem) {
    if value.type == type { return }
    throw FormulaProblem(
      message: "this is \(value.type.rawValue), and \(type.rawValue) is expected",
      offset: value.offset)
  }

  // MARK: - Conditions

  private mutating func alternative() throws(FormulaProblem) -> Typed {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit {
      throw problem("more than \(Self.depthLimit) levels; give a part a name under `figures`")
    }
    var left = try conjunction()
    while take(word: "or") {
      let right = try conjunction()
      try expect(.condition, left)
      try expect(.condition, right)
      left.expression = .either(left.expression, right.expression)
    }
    return left
  }

  private mutating func conjunction() throws(FormulaProblem) -> Typed {
    var left = try negation()
    while take(word: "and") {
      let right = try negation()
      try expect(.condition, left)
      try expect(.condition, right)
      left.expression = .both(left.expression, right.expression)
    }
    return left
  }

  private mutating func negation() throws(FormulaProblem) -> Typed {
    let start = offset
    guard take(word: "not") else { return try comparison() }
    let value = try comparison()
    try expect(.condition, value)
    return (.not(value.expression), .condition, start)
  }

  private mutating func comparison() throws(FormulaProblem) -> Typed {
    let left = try sum()
    guard case .sign(let sign) = peek, let comparison = Comparison(rawValue: sign) else {
      return left
    }
    let signOffset = offset
    position += 1
    let right = try sum()
    if case .sign(let next) = peek, Comparison(rawValue: next) != nil {
      throw problem("comparisons do not chain; join two of them with `and`")
    }
    if left.type == .condition { try expect(.number, left) }
    try expect(left.type, right)
    if left.type == .text, comparison != .equal, comparison != .different {
      throw FormulaProblem(message: "texts are only compared by = and !=", offset: signOffset)
    }
    return (.comparison(comparison, left.expression, right.expression), .condition, left.offset)
  }

  // MARK: - Numbers

  private mutating func sum() throws(FormulaProblem) -> Typed {
    var left = try product()
    while true {
      let operation: ArithmeticStep.Operation
      if take(sign: "+") {
        operation = .plus
      } else if take(sign: "-") {
        operation = .minus
      } else {
        return left
      }
      let right = try product()
      left = try arithmetic(operation, left, right)
    }
  }

  private mutating func product() throws(FormulaProblem) -> Typed {
    var left = try signed()
    while true {
      let operation: ArithmeticStep.Operation
      if take(sign: "*") {
        operation = .times
      } else if take(sign: "/") {
        operation = .dividedBy
      } else {
        return left
      }
      let right = try signed()
      if operation == .dividedBy, case .number(let divisor) = right.expression,
        divisor.total.isZero
      {
        throw FormulaProblem(message: "nothing can be divided by zero", offset: right.offset)
      }
      left = try arithmetic(operation, left, right)
    }
  }

  private func arithmetic(
    _ operation: ArithmeticStep.Operation, _ left: Typed, _ right: Typed
  ) throws(FormulaProblem) -> Typed {
    try expect(.number, left)
    try expect(.number, right)
    return (.arithmetic(operation, left.expression, right.expression), .number, left.offset)
  }

  private mutating func signed() throws(FormulaProblem) -> Typed {
    let start = offset
    guard take(sign: "-") else { return try single() }
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw problem("more than \(Self.depthLimit) signs in a row") }
    let value = try signed()
    try expect(.number, value)
    return (.negated(value.expression), .number, start)
  }

  private mutating func single() throws(FormulaProblem) -> Typed {
    let start = offset
    switch peek {
    case .number(let value, let isPercent):
      position += 1
      let number =
        isPercent ? ExactDecimal(coefficient: value.coefficient, scale: value.scale + 2) : value
      return (.number(ExactRatio(number)), .number, start)
    case .text(let text):
      position += 1
      return (.text(text), .text, start)
    case .sign("("):
      position += 1
      let inner = try alternative()
      try require(sign: ")", "a closing parenthesis")
      return (inner.expression, inner.type, start)
    case .name(let name):
      position += 1
      if take(sign: "(") { return try call(name, at: start) }
      return try named(name, at: start)
    default:
      throw problem("\(described(peek)) stands where a number, a name or ( is expected")
    }
  }

  private mutating func named(_ name: String, at start: Int) throws(FormulaProblem) -> Typed {
    switch names.resolve(name) {
    case .figure(let position):
      figureUses.append((position, start))
      return (.figure(position), .number, start)
    case .parameter(let position): return (.parameter(position), .number, start)
    case .line(let position): return (.line(position), .number, start)
    case .fact(let fact): return (.fact(fact), fact.type, start)
    case .refused(let reason): throw FormulaProblem(message: reason, offset: start)
    }
  }

  // MARK: - Functions

  private static let functions =
    ["min", "max", "round", "abs", "if", "divide", "lookup", "convert"]
    + Aggregate.Kind.allCases.map(\.rawValue)

  private mutating func call(_ name: String, at start: Int) throws(FormulaProblem) -> Typed {
    if let kind = Aggregate.Kind(rawValue: name) { return try aggregate(kind, at: start) }
    switch name {
    case "round": return try rounding(at: start)
    case "lookup": return try lookup(at: start)
    case "convert": return try conversion(at: start)
    default: break
    }
    guard Self.functions.contains(name) else {
      let hint =
        nearestName(to: name, among: Self.functions).map { "did you mean \($0)?" }
        ?? "known are \(Self.functions.sorted().joined(separator: ", "))"
      throw FormulaProblem(message: "there is no function \(name); \(hint)", offset: start)
    }
    let arguments = try argumentList()
    switch name {
    case "if":
      try expectCount(arguments, 3, "if(condition, value, other value)", at: start)
      try expect(.condition, arguments[0])
      if arguments[1].type == .text { try expect(.number, arguments[1]) }
      try expect(arguments[1].type, arguments[2])
      return (
        .choice(arguments[0].expression, arguments[1].expression, arguments[2].expression),
        arguments[1].type, start
      )
    case "divide":
      try expectCount(arguments, 3, "divide(number, divisor, value if the divisor is 0)", at: start)
      for argument in arguments { try expect(.number, argument) }
      return (
        .dividedOr(arguments[0].expression, arguments[1].expression, arguments[2].expression),
        .number, start
      )
    case "abs":
      try expectCount(arguments, 1, "abs(number)", at: start)
      try expect(.number, arguments[0])
      return (.absolute(arguments[0].expression), .number, start)
    default:
      if arguments.count < 2 {
        throw FormulaProblem(
          message: "\(name) compares two or more numbers; write \(name)(a, b)", offset: start)
      }
      for argument in arguments { try expect(.number, argument) }
      return (
        .extreme(isLargest: name == "max", arguments.map(\.expression)), .number, start
      )
    }
  }

  private mutating func argumentList() throws(FormulaProblem) -> [Typed] {
    var arguments = [try alternative()]
    while take(sign: ",") { arguments.append(try alternative()) }
    try require(sign: ")", "a comma or a closing parenthesis")
    return arguments
  }

  private func expectCount(
    _ arguments: [Typed], _ count: Int, _ form: String, at start: Int
  ) throws(FormulaProblem) {
    if arguments.count == count { return }
    throw FormulaProblem(
      message: "there are \(arguments.count) arguments; write \(form)", offset: start)
  }

  private mutating func rounding(at start: Int) throws(FormulaProblem) -> Typed {
    let value = try alternative()
    try expect(.number, value)
    try require(sign: ",", "a comma and the number of places")
    guard case .number(let number, false) = peek, let places = Int(number.description),
      (0...10).contains(places)
    else { throw problem("write the number of places, 0 to 10") }
    position += 1
    try require(sign: ",", "a comma and the rounding mode, such as half_up,")
    guard case .name(let word) = peek, let mode = Rounding(rawValue: word) else {
      throw problem("write the rounding mode: \(alternatives(roundingNames))")
    }
    position += 1
    try require(sign: ")", "a closing parenthesis")
    return (.rounded(value.expression, places: places, mode), .number, start)
  }

  private mutating func lookup(at start: Int) throws(FormulaProblem) -> Typed {
    let nameOffset = offset
    guard case .name(let name) = peek,
      let table = names.tables.firstIndex(where: { $0.name == name })
    else {
      let known = names.tables.map(\.name)
      let hint =
        known.isEmpty
        ? "the plan has no `tables`" : "the plan has the tables \(known.joined(separator: ", "))"
      throw FormulaProblem(message: "write the name of a table first; \(hint)", offset: nameOffset)
    }
    position += 1
    try require(sign: ",", "a comma and the value to look up")
    let arguments = try argumentList()
    let types = names.tables[table].types
    try expectCount(
      arguments, types.count,
      "lookup(\(name), \(types.count == 1 ? "value" : "row, column"))", at: start)
    for (argument, type) in zip(arguments, types) { try expect(type, argument) }
    return (.lookup(table: table, arguments.map(\.expression)), .number, start)
  }

  private mutating func conversion(at start: Int) throws(FormulaProblem) -> Typed {
    let value = try alternative()
    try expect(.number, value)
    try require(sign: ",", "a comma and the currency that the number is in, such as 'USD',")
    guard case .text(let code) = peek, names.currencies(code) else {
      throw problem(
        "write the currency that the number is in, one of `exchange_rates`, such as 'USD'")
    }
    position += 1
    try require(sign: ")", "a closing parenthesis")
    return (.converted(value.expression, currency: code), .number, start)
  }

  private mutating func aggregate(
    _ kind: Aggregate.Kind, at start: Int
  ) throws(FormulaProblem) -> Typed {
    let value = try alternative()
    try expect(.number, value)
    let groups = PeopleGroup.allCases.map(\.rawValue)
    try require(sign: ",", "a comma and the group, \(alternatives(groups)),")
    guard case .name(let word) = peek, let group = PeopleGroup(rawValue: word) else {
      throw problem("write the group of people: \(alternatives(groups))")
    }
    if kind == .rank, group == .led {
      throw problem("a person has no rank among those whom they lead; choose another group")
    }
    position += 1
    try require(sign: ")", "a closing parenthesis")
    let aggregate = Aggregate(kind: kind, value: value.expression, group: group)
    if !aggregates.contains(aggregate) { aggregates.append(aggregate) }
    let slot = aggregates.firstIndex(of: aggregate) ?? 0
    return (.aggregate(slot), .number, start)
  }
}
