import Banyan
import Foundation
import Testing

/// docs/import.md and docs/reports.md say what the code does.
@Suite struct ImportReferenceTests {
  @Test func theTableOfRejectionCodesIsThatOfTheCode() throws {
    let text = try documentation("docs/import.md")
    let rows = tableRows(try #require(section("## Rejection codes", of: text)))
    #expect(rows.map { $0[0] } == RejectionCode.allCases.map { "`\($0.rawValue)`" })
    // What a code means is said once, in the source.
    let source = try documentation("Sources/Banyan/Intake/Rejection.swift")
    for row in rows {
      let code = row[0].filter { $0 != "`" }
      let before = try #require(source.components(separatedBy: "= \"\(code)\"").first)
      let comment = before.components(separatedBy: "///").last?.components(separatedBy: "\n").first
      #expect(row[1] == comment?.trimmingCharacters(in: .whitespaces), "\(code)")
      #expect(!row[2].isEmpty, "\(code) says what to do")
    }
  }

  @Test func theReportOfTheGuideIsRead() throws {
    let blocks = codeBlocks("sql", in: try documentation("docs/reports.md"))
    let example = try #require(blocks.first { $0.hasPrefix("/* ---") })
    let report = try Report(name: "example", text: example)
    #expect(!report.parameters.isEmpty)
    for parameter in report.parameters { #expect(report.sql.contains(":'\(parameter.name)'")) }
  }
}
