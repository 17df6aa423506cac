import Exchange
import LibPQ

extension ReportPack {
  /// The units of a level that are open today, in the order of their codes.
  public static func units(
    of level: String, on connection: isolated Connection
  ) throws -> [String] {
    try connection.rows(
      """
      select u.code from report.org_unit as u
      where u.level = \(level) and (u.closed_on is null or u.closed_on > current_date)
      order by u.code collate "C"
      """, as: String.self)
  }

  /// Refuses values that a report of the pack does not take, before anything is made.
  public func check(_ values: [String: String]) throws {
    let whole = values.merging([Self.unitParameter: "all"]) { own, _ in own }
    for part in parts { _ = try self.values(of: part, from: whole) }
  }

  /// Makes the pack: all reports from one moment of the database.
  ///
  /// The files appear under their names when all of it has succeeded, so a run that was ended leaves
  /// what was there before.
  ///
  /// - Parameters:
  ///   - values: Of the pack's parameters, and of `unit` if it is made for one.
  ///   - path: Path of the two files without their endings.
  public func make(
    values: [String: String], language: Language, path: String,
    on connection: isolated Connection
  ) throws {
    let heading = ([title[language]] + [values[Self.unitParameter]].compactMap(\.self))
      .joined(separator: " – ")
    try connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
      let page = try HTMLPage(
        title: heading, language: language, contents: parts.map { $0.title[language] },
        to: OutputSink(path: path + ".html"))
      let workbook = try WorkbookWriter(to: OutputSink(path: path + ".xlsx"))
      let provenance = try Provenance(of: connection)
      let asked = try parts.map { try self.values(of: $0, from: values) }
      try writeContents(heading, asked, provenance, language, in: workbook)
      for (part, values) in zip(parts, asked) {
        var notes = part.report.notes(values: values, provenance: provenance, in: language)
        notes.title = part.title[language]
        try part.report.write(values: values, language: language, on: connection) { columns in
          PairOfWriters(
            try HTMLTableWriter(columns: columns, page: page, notes: notes),
            WorkbookTableWriter(
              columns: columns, sheet: notes.title, notes: notes, language: language, in: workbook))
        }
      }
      try workbook.finish()
      try page.finish()
    }
  }

  private func writeContents(
    _ heading: String, _ asked: [[String: String]], _ provenance: Provenance,
    _ language: Language, in workbook: WorkbookWriter
  ) throws {
    try workbook.beginSheet(
      SheetLayout(
        name: language.word(.contents),
        columns: [
          SheetLayout.Column(heading, width: 40),
          SheetLayout.Column(language.word(.report), width: 28),
          SheetLayout.Column(language.word(.parameters), width: 60),
        ]))
    for (part, values) in zip(parts, asked) {
      let given = part.report.parameters.compactMap { parameter in
        values[parameter.name].map { "\(parameter.name)=\($0)" }
      }
      try workbook.write([
        .text(part.title[language]), .text(part.report.name),
        .text(given.joined(separator: " ")),
      ])
    }
    for fact in provenance.facts(in: language) {
      try workbook.write([.text(fact.name), .text(fact.value), .null])
    }
  }
}

/// Gives every row to two writers.
private final class PairOfWriters: TabularWriter {
  private let first: any TabularWriter
  private let second: any TabularWriter

  init(_ first: any TabularWriter, _ second: any TabularWriter) {
    self.first = first
    self.second = second
  }

  func write(_ row: [Cell]) throws(FileProblem) {
    try first.write(row)
    try second.write(row)
  }

  func finish() throws(FileProblem) {
    try first.finish()
    try second.finish()
  }
}
