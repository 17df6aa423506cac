/// What an import tells while it runs.
public enum ImportProgress: Sendable {
  /// A file is begun, of so many bytes.
  case began(file: String, bytes: Int)
  /// So many rows of it were read, from so many of its bytes.
  case advanced(rows: Int, bytes: Int)
  /// All its rows were read, and the database settles them.
  case settling(rows: Int)
  /// It is done.
  case ended(BatchResult)

  /// After how many rows an import tells how far it is, and looks whether it is to stop.
  static let step = 4_096
}

/// What is told of each step of an import.
public typealias ImportObserver = @Sendable (ImportProgress) -> Void
