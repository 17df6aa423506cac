import Quantities

/// A word, number or sign of a formula, with the character at which it starts, counted from 0.
struct FormulaToken: Hashable {
  enum Content: Hashable {
    case number(ExactDecimal, isPercent: Bool)
    case text(String)
    case name(String)
    case sign(String)
    case end
  }

  let content: Content
  let offset: Int
}

/// What is wrong with a formula, and at which of its characters, counted from 0.
struct FormulaProblem: Error, Hashable {
  let message: String
  let offset: Int
}

/// The words of a formula.
struct FormulaScanner {
  private let characters: [Character]
  private var position = 0

  /// The longest formula: a longer one should be several figures with names.
  static let lengthLimit = 2_000

  private init(_ text: String) { self.characters = Array(text) }

  static func tokens(of text: String) throws(FormulaProblem) -> [FormulaToken] {
    var scanner = FormulaScanner(text)
    if scanner.characters.count > lengthLimit {
      throw FormulaProblem(
        message: "the formula is longer than \(lengthLimit) characters; give its parts names under "
          + "`figures`", offset: lengthLimit)
    }
    var tokens: [FormulaToken] = []
    while true {
      let token = try scanner.next()
      tokens.append(token)
      if token.content == .end { return tokens }
    }
  }

  private var current: Character? {
    position < characters.count ? characters[position] : nil
  }

  private mutating func next() throws(FormulaProblem) -> FormulaToken {
    while current == " " { position += 1 }
    let start = position
    func token(_ content: FormulaToken.Content) -> FormulaToken {
      FormulaToken(content: content, offset: start)
    }
    guard let first = current else { return token(.end) }
    if first.isASCII, first.isNumber { return token(try number()) }
    if first.isLowercaseLetter {
      return token(.name(take { $0.isLowercaseLetter || $0 == "_" || ($0.isASCII && $0.isNumber) }))
    }
    if first == "'" { return token(.text(try quoted())) }
    position += 1
    if let second = current, ["<=", ">=", "!=", "<>"].contains(String([first, second])) {
      position += 1
      return token(.sign(first == "<" && second == ">" ? "!=" : String([first, second])))
    }
    if "+-*/(),<>=".contains(first) { return token(.sign(String(first))) }
    throw FormulaProblem(message: Self.advice(on: first), offset: start)
  }

  private static func advice(on character: Character) -> String {
    switch character {
    case "×", "·": "write * for a product"
    case "÷", ":": "write / for a quotient"
    case "≥": "write >= for at least"
    case "≤": "write <= for at most"
    case "≠", "!": "write != for is not"
    case "%": "a percent sign stands directly after a number, such as 40%"
    case "\"": "write texts in single quotes, such as 'senior'"
    case "&", "|": "write `and` and `or`"
    case "^": "powers are not known; write the product"
    case ";": "write a comma between arguments"
    default:
      character.isUppercase
        ? "names are in lower-case letters, and texts in single quotes"
        : "the sign \"\(character)\" means nothing in a formula"
    }
  }

  private mutating func take(while belongs: (Character) -> Bool) -> String {
    let start = position
    while let character = current, belongs(character) { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func number() throws(FormulaProblem) -> FormulaToken.Content {
    let start = position
    let text = take { ($0.isASCII && $0.isNumber) || $0 == "." || $0 == "_" }
    guard let value = ExactDecimal(text), text.utf8.count <= 26 else {
      throw FormulaProblem(
        message: "\"\(text)\" is not a plain decimal; write digits and a point, such as 1200.50",
        offset: start)
    }
    if let letter = current, letter.isLetter {
      throw FormulaProblem(
        message: "\"\(text)\(letter)\" is neither a number nor a name; write a sign between them",
        offset: start)
    }
    guard current == "%" else { return .number(value, isPercent: false) }
    position += 1
    return .number(value, isPercent: true)
  }

  private mutating func quoted() throws(FormulaProblem) -> String {
    let start = position
    position += 1
    let text = take { $0 != "'" }
    guard current == "'" else {
      throw FormulaProblem(message: "this text has no closing quote", offset: start)
    }
    position += 1
    return text
  }
}

extension Character {
  fileprivate var isLowercaseLetter: Bool { isASCII && isLowercase }
}
