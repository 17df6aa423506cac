import Exchange

/// A file that an export is writing.
final class ExportOutput: TabularWriter {
  @exclusivity(unchecked) private var rows = 0
  private let sink: OutputSink
  private let path: String
  private let target: ExportTarget
  /// What the column that the export is split by holds in all rows of the file.
  private let value: [UInt8]?
  @exclusivity(unchecked) private var writer: (any TextRowWriter)?
  private let digest = Digest()
  private var byteCount = 0
  /// Told what was written; nil where files wait for each other.
  private let completed: ((Export.File) -> Void)?

  /// Opens the file, which gets its name by ``publish()``, or when it is complete if somebody wants to
  /// be told of it.
  init(
    at path: String, _ target: ExportTarget, value: [UInt8]? = nil,
    completed: ((Export.File) -> Void)? = nil
  ) throws(FileProblem) {
    self.path = path
    self.target = target
    self.value = value
    self.completed = completed
    sink = try target.sink(at: path)
    sink.waitsForPublishing = true
    sink.observer = { [unowned self] bytes in
      digest.update(bytes)
      byteCount += bytes.count
    }
  }

  /// Writes what stands before the rows.
  func begin(_ columns: [Column]) throws(FileProblem) {
    writer = try target.writer(columns: columns, to: sink)
  }

  /// Writes a row.
  func write(_ row: TextRow) throws(FileProblem) {
    try writer?.write(row)
    rows += 1
  }

  /// Writes a row.
  func write(_ row: [Cell]) throws(FileProblem) {
    try writer?.write(row)
    rows += 1
  }

  /// Whether a row with a value in the column that the export is split by belongs here.
  func holds(_ field: TextRow.Field) -> Bool {
    guard let field, let value else { return field == nil && value == nil }
    return field.elementsEqual(value)
  }

  /// Writes what is still held.
  func finish() throws(FileProblem) {
    try writer?.finish()
    writer = nil
    guard let completed else { return }
    try publish()
    completed(file)
  }

  /// Gives the file its name.
  func publish() throws(FileProblem) { try sink.publish() }

  /// What was written, to be asked for once.
  var file: Export.File {
    Export.File(path: path, rows: rows, byteCount: byteCount, digest: digest.finish())
  }
}
