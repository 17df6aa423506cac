import Foundation
import Testing

/// The house rules that a machine can check. Words that must not appear are built from pieces, so
/// that this file does not find itself.
@Suite struct TidyTests {
  @Test func theTreeIsRead() {
    #expect(SourceTree.files("swift", below: "Sources/").count > 20)
    #expect(SourceTree.files.contains { $0.path == "Package.swift" })
  }

  @Test func noTabsNoTrailingBlanksAndALastLineEnd() {
    var findings = Findings.lines(of: SourceTree.files) { line in
      line.hasSuffix(" ") || line.hasSuffix("\t") || line.hasSuffix("\r") ? "trailing blank" : nil
    }
    #expect(findings.isEmpty, "\(findings)")
    findings = Findings.lines(of: SourceTree.files("swift") + SourceTree.files("sql")) { line in
      line.contains("\t") ? "tab" : nil
    }
    #expect(findings.isEmpty, "\(findings)")
    findings = Findings()
    for file in SourceTree.files where !file.text.isEmpty {
      if !file.text.hasSuffix("\n") { findings.add(file, "the last line has no line end") }
      if file.text.hasSuffix("\n\n") { findings.add(file, "empty lines at the end") }
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func nothingIsMarkedAsUnfinished() throws {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "T" + "BD"]
    let mark = try Regex("\\b(" + words.joined(separator: "|") + ")\\b")
    let conflict = String(repeating: "<", count: 7) + " "
    let findings = Findings.lines(of: SourceTree.files) { line in
      line.contains(mark) || line.hasPrefix(conflict) ? "unfinished: " + line : nil
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func nothingNamesTheMachineItWasWrittenOn() throws {
    let place = try Regex("/wo" + "rk/|/ro" + "ot/|/ho" + "me/[a-z]+/(src|work|code)")
    let findings = Findings.lines(of: SourceTree.files) { line in
      line.contains(place) ? "a path of one machine: " + line : nil
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func roomsAreSmall() {
    var findings = Findings()
    for file in SourceTree.files("swift", below: "Sources/") where file.lines.count > 450 {
      findings.add(file, "\(file.lines.count) lines; more than 450 want two files")
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func importsPointOneWay() throws {
    let allowed: [String: Set<String>] = [
      "Quantities": [],
      "Documents": ["Quantities"],
      "LibPQ": ["Quantities"],
      "LibPQObservation": ["LibPQ"],
      "CompensationEngine": ["Quantities", "Documents"],
      "Exchange": ["Quantities"],
      "PrivateServer": [],
      "Banyan": ["Quantities", "Documents", "LibPQ", "CompensationEngine", "Exchange"],
    ]
    let rooms = Set(allowed.keys).union(["BanyanCommandLine"])
    let statement = try Regex(
      #"^\s*(?:@\S+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+"#
        + #"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"#,
      as: (Substring, Substring).self)
    var findings = Findings()
    for (room, others) in allowed {
      for file in SourceTree.files("swift", below: "Sources/\(room)/") {
        for (number, line) in file.lines.enumerated() {
          guard let found = line.firstMatch(of: statement) else { continue }
          let name = String(found.1)
          if rooms.contains(name), name != room, !others.contains(name) {
            findings.add(file, line: number, "\(room) must not import \(name)")
          }
        }
      }
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func moneyIsNeverAFloatingPointNumber() throws {
    // Files of these rooms that may measure something other than money, such as elapsed time.
    let exceptions: Set<String> = []
    let swift = try Regex(#"\b(Double|Float|Float16|Float32|Float64|Float80|CGFloat)\b"#)
    let sql = try Regex(#"(?i)\b(float|float4|float8|real|double\s+precision|money)\b"#)
    var findings = Findings()
    for room in ["Sources/CompensationEngine/", "Sources/Banyan/", "Sources/Quantities/"] {
      for file in SourceTree.files("swift", below: room) where !exceptions.contains(file.path) {
        for (number, line) in codeOnly(file).enumerated() where line.contains(swift) {
          findings.add(file, line: number, "floating point: " + line)
        }
      }
    }
    for file in SourceTree.files("sql") {
      for (number, line) in codeOnly(file).enumerated() where line.contains(sql) {
        findings.add(file, line: number, "inexact type: " + line)
      }
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  /// What a command takes out of the database for programs is in the audit trail, which RowPrintingCommand sees to.
  /// The doctor and the check of reports tell of the server and the files alone.
  @Test func whatPrintsRowsIsLogged() {
    var findings = Findings()
    for file in SourceTree.files("swift", below: "Sources/BanyanCommandLine/") {
      for match in file.text.matches(of: /\nstruct (\w+): PlatformCommand \{(?s:.*?)\n\}/)
      where match.0.contains("ListingOptions") && match.0.contains("DatabaseOptions")
        && !["DoctorCommand", "ReportCheck"].contains(match.1)
      {
        findings.add(file, "\(match.1) prints rows and is no RowPrintingCommand")
      }
    }
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func codeIsToldFromCommentsAndStrings() {
    let file = SourceFile(
      path: "SQL/x.sql", text: "a real -- it's a real\n'real ''x'' -- ' b real\nc - - d")
    let code = codeOnly(file)
    #expect(code.count == 3)
    #expect(code[0].hasPrefix("a real -"))
    #expect(code.map { $0.components(separatedBy: "real").count - 1 } == [1, 1, 0])
    #expect(code[2] == "c - - d")
  }
}
