/// What a made-up bank consists of, and exactly what is wrong with it.
public struct SampleSummary: Hashable, Sendable {
  /// The files in the order in which they were written, which is also one in which they can be
  /// imported: what a file refers to comes before it.
  public internal(set) var files: [SampleFile] = []
  /// The rows that an importer must reject, in the order of files and lines.
  public internal(set) var badRows: [SampleBadRow] = []

  /// All rows of all files, good and bad, without headers.
  public var rows: Int { files.reduce(0) { $0 + $1.rows } }
}

/// One file of a made-up bank.
public struct SampleFile: Hashable, Sendable {
  /// The path within the bank's folder, such as `B001/clients.csv`.
  public let path: String
  /// The rows without the header, good and bad.
  public let rows: Int
  /// How many of them are bad.
  public let badRows: Int
  /// Whether it is in GB 18030 with Chinese headers and words, instead of UTF-8 with English ones.
  public let isChinese: Bool
}

/// A row that was made bad on purpose. It is an extra row: no good row depends on it.
public struct SampleBadRow: Hashable, Sendable {
  /// The path of its file within the bank's folder.
  public let file: String
  /// Its line, where the header is line 1.
  public let line: Int
  /// What is wrong with it.
  public let fault: SampleFault

  /// Names a bad row.
  public init(file: String, line: Int, fault: SampleFault) {
    self.file = file
    self.line = line
    self.fault = fault
  }
}

/// The faults that files of branches have in real life.
public enum SampleFault: String, Hashable, Sendable, CaseIterable {
  /// The account was never opened.
  case unknownAccount = "unknown_account"
  /// A day that no calendar has, the 30th of February.
  case impossibleDate = "impossible_date"
  /// An amount with three digits after the point.
  case tooManyDecimals = "too_many_decimals"
  /// An amount with a letter O for a zero.
  case notANumber = "not_a_number"
  /// The number of the transaction above it.
  case duplicateNumber = "duplicate_number"
  /// The last fields are missing, as when a line was cut.
  case ragged
  /// A value that is required is missing.
  case missingValue = "missing_value"
  /// A byte that has no meaning in the encoding of the file.
  case undecodableByte = "undecodable_byte"
}

/// Why a bank could not be made up as asked.
public enum SampleProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// A number or name that was asked for makes no bank; the text says which and what is possible.
  case impossibleSetting(String)
  /// The folder could not be made; the reason is the system's own words.
  case cannotMakeFolder(path: String, reason: String)

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .impossibleSetting(let why): why
    case .cannotMakeFolder(let path, let reason):
      "the folder \(path) cannot be made: \(reason); choose another folder"
    }
  }
}
