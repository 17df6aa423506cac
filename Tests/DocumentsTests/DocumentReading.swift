import Documents

/// A small document as the tests read it.
struct Order: Equatable {
  let item: String
  let count: Int
}

/// Reads an order; throws what is wrong with it.
func readOrder(_ yaml: String) throws(DocumentError) -> Order {
  try Document.read(yaml: yaml, kind: "order", meanings: ["count": "how many are ordered"]) {
    root in
    guard let keys = DocumentMapping(root, keys: ["item", "count", "note"]) else { return nil }
    let item = keys.required("item")?.text("what is ordered")
    let count = keys.required("count")?.wholeNumber(in: 1...99)
    guard let item, let count else { return nil }
    return Order(item: item, count: count)
  }
}

/// The problems of an order, one a line; empty if it has none.
func problems(of yaml: String) -> String {
  do {
    _ = try readOrder(yaml)
    return ""
  } catch {
    return error.description
  }
}

/// Reads one value with a typed reading, and returns it or the problems.
func reading<Value>(
  _ yaml: String, _ read: (DocumentNode) -> Value?
) -> Result<Value, DocumentError> {
  Result { () throws(DocumentError) -> Value in
    try Document.read(yaml: yaml, kind: "document", meanings: [:]) { root in
      DocumentMapping(root, keys: ["value"])?.required("value").flatMap(read)
    }
  }
}
