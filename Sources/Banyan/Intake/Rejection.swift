/// Why a row was kept out: a stable code that scripts and people can look up in docs/import.md.
public enum RejectionCode: String, Hashable, Sendable, CaseIterable {
  /// More or fewer fields than the header; often a truncated row.
  case wrongFieldCount = "IMP-0101"
  /// Quotes that do not work out.
  case wrongQuotes = "IMP-0102"
  /// Bytes that mean nothing in the file's encoding, or a zero byte.
  case undecodable = "IMP-0103"
  /// A record beyond the longest that is read.
  case tooLong = "IMP-0104"
  /// What should be an object of JSON is none, or has a key twice.
  case notJSON = "IMP-0105"
  /// A value that must be there is not.
  case missingValue = "IMP-0201"
  /// Not a day of the calendar, not written as the mapping says, or far out of range.
  case badDate = "IMP-0202"
  /// Not a plain number.
  case badNumber = "IMP-0203"
  /// More digits than an amount of the currency can have.
  case tooManyDigits = "IMP-0204"
  /// A number with the wrong sign or out of range.
  case outOfRange = "IMP-0205"
  /// A word that is not among those that the column takes.
  case unknownWord = "IMP-0206"
  /// A text longer than the column.
  case textTooLong = "IMP-0207"
  /// A cell of a workbook that holds an error, or a number that has lost its last digits.
  case damagedCell = "IMP-0208"
  /// The same key stands in the file before.
  case duplicateInFile = "IMP-0301"
  /// The key is on record with other values.
  case duplicateOnRecord = "IMP-0302"
  /// A row of another branch than the import was told.
  case otherBranch = "IMP-0303"
  /// A row of another month than the import was told.
  case otherMonth = "IMP-0304"
  /// A code or number that nobody knows: a unit, an account, a client, an employee, a tier.
  case unknownReference = "IMP-0401"
  /// A unit that finds no place in the tree.
  case noPlaceInTree = "IMP-0402"
  /// An order that a rule refuses: a change of the tree, a transfer, a claim, a departure.
  case changeRefused = "IMP-0403"
  /// An assignment against the rules: days that are taken, shares, tier, band, capacity, relationship.
  case assignmentRefused = "IMP-0404"
  /// An account that is measured by its movements, so that a balance would count twice.
  case measuredTwice = "IMP-0405"
}

/// One reason why a row was kept out.
public struct Rejection: Hashable, Sendable {
  /// Line of the file where the row begins.
  public let lineNumber: Int
  /// The stable code.
  public let code: RejectionCode
  /// Column of the file, nil for the row as a whole.
  public let column: String?
  /// The value as it stood in the file.
  public let value: String?
  /// One sentence: what is wrong and what to do.
  public let reason: String
  /// The whole row; with the first reason only.
  public let rawRow: String?
}
