import Exchange
import Foundation
import LibPQ
import Quantities

/// Statements as files, one for each person.
public struct StatementFiles: Sendable {
  /// How a statement is written.
  public enum Format: String, CaseIterable, Sendable {
    /// A page for a browser and for paper.
    case html
    /// A workbook.
    case xlsx
    /// Paper.
    case pdf
    /// Data.
    case csv
  }

  private let folder: String
  private let format: Format
  private let language: Language
  /// Code of the plan, where several have paid the month.
  private let plan: String?

  /// Files in a folder, which is made if it is not there.
  public init(folder: String, format: Format, language: Language, plan: String?) throws {
    (self.folder, self.format, self.language, self.plan) = (folder, format, language, plan)
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw BanyanError.failure(
        "the folder “\(folder)” cannot be made: \(error.localizedDescription)")
    }
  }

  /// Writes a file for each person. Each appears under its name when it is complete, and replaces one of an
  /// earlier call; of the same run it is the same to the byte.
  public func write(_ run: StatementRun, on connection: isolated Connection) throws {
    try run.forEachStatement(on: connection) { statement in
      try write(statement)
    }
  }

  private func write(_ statement: PersonStatement) throws {
    let sink = try OutputSink(
      path: URL(filePath: folder).appending(path: name(of: statement)).path)
    switch format {
    case .html: try LetterPage(statement.letter(in: language)).write(to: sink)
    case .pdf: try LetterPaper(statement.letter(in: language)).write(to: sink)
    case .xlsx: try statement.writeWorkbook(in: language, to: sink)
    case .csv:
      let writer = try OutputFormat.csv.writer(columns: PersonStatement.columns, to: sink)
      for row in try statement.rows() { try writer.write(row) }
      try writer.finish()
    }
  }

  /// `2026-03-RM0001.html`. What a name of a file cannot hold in a person's number stands as `%2F`, so that no
  /// two people share a file.
  func name(of statement: PersonStatement) -> String {
    let parts = [statement.person] + [plan].compactMap(\.self)
    let safe = parts.map { part in
      part.utf8.map { byte in
        let character = Character(UnicodeScalar(byte))
        return byte < 0x80
          && (character.isLetter || character.isNumber || "-_.".contains(character))
          || byte >= 0x80 ? [byte] : Array("%\(hexadecimal([byte]))".utf8)
      }.joined()
    }.map { String(decoding: Array($0), as: UTF8.self) }
    return "\(statement.month)-\(safe.joined(separator: "-")).\(format.rawValue)"
  }
}
