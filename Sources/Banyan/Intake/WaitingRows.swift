/// Rows of a file that wait in memory until the table is copied into that they belong to.
struct WaitingRows {
  /// How many rows wait before the copy turns to them.
  static let limit = 20_000

  /// A row with all that it needs when its record is gone.
  struct Row {
    let line: Int
    let values: [StagedValue]
    private let texts: KeptTexts

    init(line: Int, keeping values: [StagedValue]) {
      let texts = KeptTexts()
      self.line = line
      self.values = values.map { value in
        if case .bytes(let bytes) = value { .bytes(texts.keep(bytes)) } else { value }
      }
      self.texts = texts
    }
  }

  private var rows: [Destination: [Row]] = [:]
  private var count = 0

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count >= Self.limit }

  /// The destination that most rows wait for.
  var fullest: Destination? { rows.max { $0.value.count < $1.value.count }?.key }

  mutating func append(_ values: [StagedValue], of line: Int, for destination: Destination) {
    rows[destination, default: []].append(Row(line: line, keeping: values))
    count += 1
  }

  /// Takes the rows of a destination out.
  mutating func take(_ destination: Destination) -> [Row] {
    let taken = rows.removeValue(forKey: destination) ?? []
    count -= taken.count
    return taken
  }
}
