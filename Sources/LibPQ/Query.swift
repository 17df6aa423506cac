#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An SQL statement with its parameters, written as a string literal:
///
///     let query: Query = "SELECT id FROM visits WHERE page = \(page) AND day < \(day)"
///
/// An interpolated value becomes a parameter, never text, so nothing in it can change the
/// statement. `\(identifier: "visits")` is a quoted name and `\(query: other)` nests a statement
/// with its own parameters. Text made at run time gets in only through ``init(unsafeSQL:)``.
public struct Query: Sendable, ExpressibleByStringInterpolation {
  /// The SQL text, with `$1`, `$2`, … where the parameters stand.
  public private(set) var text: String

  /// What errors and logs call the query; without one they show the start of its text.
  public var label: String?

  /// Where in the UTF-8 of the text each `$n` stands, in the order of n.
  private var placeholders: [Int] = []
  private(set) var parameters: [Parameter] = []
  /// The values one after the other, each followed by a zero byte, as libpq wants texts.
  private(set) var bytes: [UInt8] = []
  /// The names of types that are to be looked up before the query can be sent.
  private(set) var namedTypes: [Identifier] = []
  /// The first value or name that cannot be sent; executing the query reports it.
  private(set) var failure: PostgresError?

  struct Parameter: Sendable {
    var type: PostgresType
    var format: PostgresFormat
    var start: Int
    /// Bytes, or -1 for NULL.
    var count: Int
    /// What is to be looked up before the value can be sent.
    var named: NamedValue?
  }

  /// A value whose type is known by name: its object id, and with it the form of some values, is
  /// known only to a connection.
  struct NamedValue: Sendable {
    let name: Identifier
    /// Appends the value; nil for NULL.
    let encode: (@Sendable (inout EncodingBuffer, PostgresType) throws(EncodingFailure) -> Void)?
  }

  /// The most parameters that one statement can have in PostgreSQL's protocol.
  static let maximumParameterCount = 65_535

  /// A statement made at run time from trusted text only, such as a file of the program: nothing
  /// in it is checked or quoted.
  public init(unsafeSQL text: String) {
    self.text = text
  }

  /// A statement without parameters.
  public init(stringLiteral text: String) {
    self.text = text
  }

  /// A statement with parameters.
  public init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.query
  }

  /// The same query under a label.
  public func labelled(_ label: String) -> Query {
    var query = self
    query.label = label
    return query
  }

  /// The label, or the start of the text on one line.
  var shownLabel: String {
    if let label { return label }
    let words = text.prefix(200).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 60 ? words.prefix(57) + "…" : words
  }

  /// Joins a literal and its values.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var query: Query

    /// Starts an empty statement.
    public init(literalCapacity: Int, interpolationCount: Int) {
      query = Query(unsafeSQL: "")
      query.text.reserveCapacity(literalCapacity + 3 * interpolationCount)
    }

    /// Appends SQL of the program.
    public mutating func appendLiteral(_ literal: String) {
      query.text += literal
    }

    /// Appends a parameter.
    public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
      query.append(parameter: value)
    }

    /// Appends a parameter, or NULL for nil.
    public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
      query.append(parameter: value)
    }

    /// Appends a quoted name, such as that of a table; several make a qualified one:
    /// `\(identifier: "archive", "visits")` is `"archive"."visits"`.
    public mutating func appendInterpolation(identifier first: String, _ more: String...) {
      query.append(Identifier(parts: [first] + more))
    }

    /// Appends a quoted name.
    public mutating func appendInterpolation(identifier: Identifier) {
      query.append(identifier)
    }

    /// Appends another statement or part of one, whose parameters are renumbered.
    public mutating func appendInterpolation(query other: Query) {
      query.append(other)
    }
  }

  private mutating func append(_ identifier: Identifier) {
    if identifier.parts.contains(where: { $0.isEmpty || $0.utf8.contains(0) }) {
      fail("a name in a query is empty or holds a zero byte; PostgreSQL has no such names")
    }
    text += identifier.quoted
  }

  private mutating func append<Value: PostgresEncodable>(parameter value: Value) {
    let number = parameters.count + 1
    var parameter = Parameter(
      type: Value.postgresType, format: Value.postgresFormat, start: bytes.count, count: -1)
    if let name = Value.postgresTypeName {
      append(named: value, name, to: &parameter)
    } else if !value.isNull {
      var buffer = EncodingBuffer(capacity: 64)
      do {
        try value.encode(into: &buffer, as: parameter.type)
      } catch {
        fail("parameter \(number) of type \(Value.self) \(error.reason)")
      }
      bytes.append(contentsOf: buffer.bytes)
      bytes.append(0)
      parameter.count = buffer.count
    }
    appendPlaceholder()
    parameters.append(parameter)
  }

  private mutating func append<Value: PostgresEncodable>(
    named value: Value, _ name: Identifier, to parameter: inout Parameter
  ) {
    if !namedTypes.contains(name) { namedTypes.append(name) }
    if value.isNull {
      parameter.named = NamedValue(name: name, encode: nil)
      return
    }
    parameter.named = NamedValue(name: name) { (buffer, type) throws(EncodingFailure) in
      if Value.postgresFormat == .binary, !Value.canCopy(into: type) {
        throw EncodingFailure("cannot be a value of \(type), the type called \(name)")
      }
      try value.encode(into: &buffer, as: type)
    }
  }

  /// The same query with the named types of its parameters as a catalogue knows them, and their
  /// values as these types want them.
  func resolved(by catalogue: TypeCatalogue) throws(PostgresError) -> Query {
    var query = self
    query.namedTypes = []
    for (index, parameter) in parameters.enumerated() {
      guard let named = parameter.named, let entry = catalogue[named.name] else { continue }
      query.parameters[index].type = entry.type
      guard let encode = named.encode else { continue }
      var buffer = EncodingBuffer(capacity: 64)
      buffer.catalogue = catalogue
      do throws(EncodingFailure) {
        try encode(&buffer, entry.base)
      } catch {
        throw PostgresError(.encoding, "parameter \(index + 1) \(error.reason)")
      }
      query.parameters[index].start = query.bytes.count
      query.parameters[index].count = buffer.count
      query.bytes.append(contentsOf: buffer.bytes)
      query.bytes.append(0)
    }
    return query
  }

  private mutating func appendPlaceholder() {
    placeholders.append(text.utf8.count)
    text += "$\(placeholders.count)"
  }

  private mutating func append(_ other: Query) {
    var rest = Substring(other.text).utf8
    var position = 0
    for (index, placeholder) in other.placeholders.enumerated() {
      text += String(Substring(rest.prefix(placeholder - position)))
      appendPlaceholder()
      let end = placeholder + "$\(index + 1)".utf8.count
      rest = rest.dropFirst(end - position)
      position = end
    }
    text += String(Substring(rest))
    for var parameter in other.parameters {
      parameter.start += bytes.count
      parameters.append(parameter)
    }
    bytes.append(contentsOf: other.bytes)
    namedTypes += other.namedTypes.filter { !namedTypes.contains($0) }
    failure = failure ?? other.failure
  }

  private mutating func fail(_ message: String) {
    if failure == nil { failure = PostgresError(.encoding, message) }
  }

  /// Throws what makes the query impossible to send.
  func check() throws(PostgresError) {
    if let failure { throw failure.with { $0.queryLabel = shownLabel } }
    try checkText(text)
    if parameters.count > Self.maximumParameterCount {
      throw PostgresError(
        .usage,
        "the query has \(parameters.count) parameters and PostgreSQL takes 65,535; pass an array: "
          + "= any($1), or unnest($1, $2)"
      ).with { $0.queryLabel = shownLabel }
    }
  }
}

/// Throws if an SQL text holds a zero byte, at which libpq would take it to end.
func checkText(_ text: String) throws(PostgresError) {
  let holdsZero = text.utf8.withContiguousStorageIfAvailable { bytes in
    bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
  }
  if holdsZero ?? text.utf8.contains(0) {
    throw PostgresError(.encoding, "the SQL text holds a zero byte; remove it")
  }
}

/// A name of the database, qualified by its schema or not: `Identifier("archive", "visits")`.
public struct Identifier: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The parts of the name, as the catalogue spells them.
  public let parts: [String]
  /// Whether it means the array type of a type of this name.
  private var isArray = false

  init(parts: [String]) {
    self.parts = parts
  }

  /// The name of the array type of a type.
  @usableFromInline var ofArray: Identifier {
    var name = self
    name.isArray = true
    return name
  }

  /// A name of one or more parts, spelt exactly as in the catalogue.
  public init(_ first: String, _ more: String...) {
    parts = [first] + more
  }

  /// A name of one part; a dot in it does not qualify.
  public init(stringLiteral name: String) {
    parts = [name]
  }

  /// The name as SQL: every part in quotes, quotes in it doubled.
  public var quoted: String {
    parts.map { part in
      "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
    }.joined(separator: ".") + (isArray ? "[]" : "")
  }

  /// The parts joined by dots, for people.
  public var description: String { parts.joined(separator: ".") + (isArray ? "[]" : "") }
}
