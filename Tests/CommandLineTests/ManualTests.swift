import Foundation
import TestSupport
import Testing

/// The manual pages: one for each command, complete, and without a complaint of those who typeset them.
@Suite struct ManualTests {
  private func pages() async throws -> (folder: TemporaryFolder, texts: [String: String]) {
    let folder = try TemporaryFolder()
    let outcome = try await BanyanProcess.run(
      ["manual", folder.path + "/man1"], environment: ["SOURCE_DATE_EPOCH": "1790640000"])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/man1")
    #expect(outcome.messages(in: folder) == ["\(names.count) pages in FOLDER/man1"])
    var texts: [String: String] = [:]
    for name in names {
      texts[name] = try String(contentsOfFile: folder.path + "/man1/" + name, encoding: .utf8)
    }
    return (folder, texts)
  }

  @Test func everyCommandHasAWholePage() async throws {
    let (folder, texts) = try await pages()
    #expect(texts.count > 150)
    for (name, text) in texts {
      for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"] {
        #expect(text.contains("\n.SH \(section)\n"), "\(name) has no \(section)")
      }
      let isOfAGroup = text.contains("\n.SH COMMANDS\n")
      #expect(isOfAGroup || text.contains("\n.SH EXAMPLES\n"), "\(name) has no example")
      #expect(text.contains(" 2026-09-29 "), "\(name) has another day than SOURCE_DATE_EPOCH")
    }
    let root = try #require(texts["banyan.1"])
    for word in ["DATABASE_URL", "BANYAN_DATA", "NO_COLOR", "banyan/banyan.yaml", "130"] {
      #expect(root.contains(word), "banyan(1) does not tell of \(word)")
    }
    // What a page refers to is there.
    let references = Set(
      texts.values.flatMap { text in
        text.matches(of: /\n\.BR (\S+) \(1\)/).map { String($0.1).replacing("\\-", with: "-") }
      })
    for reference in references where reference != "psql" {
      #expect(texts[reference + ".1"] != nil, "there is no page of \(reference)")
    }
    _ = folder
  }

  @Test func thePagesCanBeTypesetWithoutAComplaint() async throws {
    let (folder, texts) = try await pages()
    let files = texts.keys.sorted().map { folder.path + "/man1/" + $0 }
    for (program, arguments) in [
      ("groff", ["-man", "-ww", "-K", "utf8", "-T", "utf8", "-z"]),
      ("mandoc", ["-T", "lint", "-W", "warning"]),
    ] {
      guard let outcome = try await runProgram(program, arguments + files, in: folder.path) else {
        continue
      }
      let said = outcome.output + outcome.errorOutput
      #expect(outcome.exitCode == 0 && said == "", "\(program): \(said.prefix(2000))")
    }
    let arguments = [
      "-man", "-K", "utf8", "-T", "utf8", "-P-c", "-rLL=200n", "man1/banyan-report-run.1",
    ]
    guard let page = try await runProgram("groff", arguments, in: folder.path) else { return }
    let plain = page.output.replacing(/.\u{8}/, with: "")
    #expect(plain.contains("banyan report run [options] name [parameters ...]"))
    #expect(
      plain.contains("banyan report run branch-month from=2026-01 to=2026-03 -o months.csv"))
    #expect(plain.contains("The report reads only, under the rights of your login"))
  }

  @Test func aFolderThatCannotBeMadeIsOneSentence() async throws {
    let outcome = try await BanyanProcess.run(["manual", "/dev/null/man1"])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.errorOutput
        == "banyan: the manual pages cannot be written to “/dev/null/man1”; name a folder that you may write to\n"
    )
    let epoch = try await BanyanProcess.run(
      ["manual", "/dev/null/man1"], environment: ["SOURCE_DATE_EPOCH": "yesterday"])
    #expect(epoch.exitCode == 64)
  }
}
