import Documents
import Exchange
import Quantities

/// How the files of one sort that a bank sends become the rows of a dataset. It is written in YAML
/// (docs/mappings.md), so that the next bank needs another mapping and not other code.
public struct Mapping: Sendable {
  /// Where the values of a column come from.
  enum Source: Sendable {
    /// The file's column with one of these headers.
    case column(headers: [String])
    /// The same value in every row.
    case constant(String)
  }

  /// How one column of the dataset is filled.
  struct Column: Sendable {
    let target: DatasetColumn
    let source: Source
    /// What the file's words mean; a word that is not listed is refused. A word that means nothing
    /// at all has an empty meaning.
    let words: [String: String]?
  }

  /// Name of the mapping's file, without the folder.
  public let name: String
  /// SHA-256 of the mapping's text, and of the encoding if somebody has said another.
  public private(set) var digest: [UInt8]
  /// What the rows become.
  public let dataset: Dataset
  /// Path of the files inside the folder that is imported; `*` stands for anything within one name.
  public let file: String
  /// Whether a folder without such a file is fine, as when branches send only what is new.
  let mayBeMissing: Bool
  /// Whether a file without a column that rows may do without is fine.
  let mayLackColumns: Bool
  /// How the file separates and quotes.
  public let dialect: CSVDialect
  /// How wide the fields are in a file without separators; nil for a delimited one.
  let layout: FixedWidthLayout?
  /// The sheet of a workbook; nil for the only one that is not hidden.
  let sheet: String?
  /// Which rows it is about: for each header the words of which a row has one, or none.
  let only: [(header: String, words: [String], excludes: Bool)]
  /// The encoding; nil to tell UTF-8 from GB 18030 by the bytes.
  public private(set) var encoding: TextEncoding?
  /// Whether rows that repeat a row before them, value by value, are fine (a branch list that names
  /// its regions over and over).
  let allowsRepeats: Bool
  let dates: [DateFormat]
  let columns: [Column]
  /// Headers that are left out on purpose; nil for all that are not mapped.
  let ignored: Set<String>?

  /// The same mapping for files in an encoding that is known from elsewhere.
  func reading(_ encoding: TextEncoding) -> Mapping {
    if encoding == self.encoding { return self }
    var mapping = self
    mapping.encoding = encoding
    let all = Digest()
    (digest + Array(encoding.rawValue.utf8)).withUnsafeBytes { all.update($0) }
    mapping.digest = all.finish()
    return mapping
  }
}
