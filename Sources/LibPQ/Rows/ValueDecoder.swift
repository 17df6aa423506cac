/// One value as `Decodable` sees it: what enums with raw values and arrays of them decode from.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let value: PostgresValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: codingPath,
        debugDescription: "A column holds no structure; decode the text of JSON by a JSON library.")
    )
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let values) = value else { throw mismatch([PostgresValue].self) }
    return ElementContainer(values: values, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    if case .bool(let value) = value { return value }
    throw mismatch(type)
  }

  func decode(_ type: String.Type) throws -> String {
    switch value {
    case .text(let text): return text
    case .json(let json): return json.text
    // Their exact texts, from which these types decode by themselves.
    case .date, .decimal, .uuid: return value.description
    default: throw mismatch(type)
    }
  }

  func decode(_ type: Double.Type) throws -> Double {
    if case .double(let value) = value { return value }
    throw mismatch(type)
  }

  func decode(_ type: Float.Type) throws -> Float {
    if case .double(let value) = value { return Float(value) }
    throw mismatch(type)
  }

  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

  private func integer<Value: FixedWidthInteger>() throws -> Value {
    guard case .integer(let number) = value else { throw mismatch(Value.self) }
    if let exact = Value(exactly: number) { return exact }
    throw DecodingError.dataCorrupted(
      .init(codingPath: codingPath, debugDescription: "The number is outside \(Value.self)."))
  }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: codingPath, debugDescription: "The column has another type.")
    return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }
}

/// The elements of an array.
private struct ElementContainer: UnkeyedDecodingContainer {
  let values: [PostgresValue]
  let codingPath: [any CodingKey]
  var currentIndex = 0

  init(values: [PostgresValue], codingPath: [any CodingKey]) {
    self.values = values
    self.codingPath = codingPath
  }

  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }

  private struct Place: CodingKey {
    let intValue: Int?
    var stringValue: String { intValue.map(String.init) ?? "" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { return nil }
  }

  private func present() throws -> ValueDecoder {
    let path = codingPath + [Place(intValue: currentIndex)]
    if isAtEnd {
      throw DecodingError.dataCorrupted(
        .init(codingPath: path, debugDescription: "The array has no more elements."))
    }
    return ValueDecoder(value: values[currentIndex], codingPath: path)
  }

  mutating func decodeNil() throws -> Bool {
    guard try present().decodeNil() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try Value(from: try present())
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    try present().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try present().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try present()
    currentIndex += 1
    return decoder
  }
}
