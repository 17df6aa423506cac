/// Why a file as a whole could not be read or written. What is wrong with single records is a
/// ``CSVProblem``.
public enum FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file could not be opened; the reason is the system's own words.
  case cannotOpen(path: String, reason: String)
  /// Reading stopped in the middle; the reason is the system's own words.
  case cannotRead(path: String, reason: String)
  /// The file can be read, but holds nothing that can be taken in; the reason says why and what to do.
  case unusable(path: String, reason: String)
  /// Writing stopped in the middle, for example because the disk is full.
  case cannotWrite(path: String, reason: String)
  /// The file holds no record at all, not even a header.
  case empty(path: String)
  /// The header record itself is damaged.
  case unusableHeader(path: String, line: Int, problem: CSVProblem)
  /// The system's iconv does not know this encoding.
  case unknownEncoding(path: String, name: String)

  /// One sentence for a person: what, where, why and what to do.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "\(path) cannot be opened: \(reason); check the name and the permissions"
    case .cannotRead(let path, let reason):
      "\(path) could not be read to its end: \(reason); nothing after that point is known"
    case .unusable(let path, let reason): "\(path) cannot be used: \(reason)"
    case .cannotWrite(let path, let reason):
      "\(path) could not be written to its end: \(reason); what it holds now is not complete"
    case .empty(let path):
      "\(path) is empty: a header line was expected; ask the sender for the file again"
    case .unusableHeader(let path, let line, let problem):
      "\(path), line \(line): the header cannot be used because \(problem); correct it first"
    case .unknownEncoding(let path, let name):
      "\(path) is said to be in the encoding \(name), which this system cannot convert"
    }
  }
}
