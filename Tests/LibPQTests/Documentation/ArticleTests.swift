import Foundation
import TestSupport
import Testing

/// The articles show code that runs: every Swift block of the catalogue and of the module's README is
/// a region of a test here, between `// snippet: name` and `// end`, and every region is shown.
@Suite struct ArticleTests {
  @Test func everyBlockOfTheArticlesIsCodeThatRuns() throws {
    let snippets = try regions()
    var shown: Set<String> = []
    for article in try articles() {
      for block in codeBlocks(in: article.text) {
        let code = block.trimmingCharacters(in: .newlines)
        if let name = snippets[code] {
          shown.insert(name)
        } else {
          Issue.record("\(article.name) shows code that no test runs:\n\(code)")
        }
      }
    }
    #expect(Set(snippets.values).subtracting(shown).sorted() == [], "no article shows these")
  }

  @Test func everySymbolLinkNamesAnArticleOrADeclaration() throws {
    let names = Set(try articles().map(\.name))
    for article in try articles() {
      for link in article.text.matches(of: /<doc:([A-Za-z]+)>/) {
        #expect(names.contains(String(link.1)), "\(article.name) links to \(link.1)")
      }
    }
  }

  private func articles() throws -> [(name: String, text: String)] {
    let module = SharedData.packageFolder + "/Sources/LibPQ"
    var paths = try FileManager.default.contentsOfDirectory(atPath: module + "/LibPQ.docc")
      .filter { $0.hasSuffix(".md") }.sorted().map { module + "/LibPQ.docc/" + $0 }
    paths.append(module + "/README.md")
    return try paths.map { path in
      let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
      return (name, try String(contentsOfFile: path, encoding: .utf8))
    }
  }

  private func codeBlocks(in text: String) -> [String] {
    text.components(separatedBy: "\n```swift\n").dropFirst().map { rest in
      rest.components(separatedBy: "\n```").first ?? ""
    }
  }

  /// The names of the regions by their code, without the indentation of the first line.
  private func regions() throws -> [String: String] {
    let folder = SharedData.packageFolder + "/Tests/LibPQTests/Documentation"
    var found: [String: String] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where file.hasSuffix("Snippets.swift") {
      var name: String?
      var lines: [String] = []
      for line in try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        .components(separatedBy: "\n")
      {
        let words = line.trimmingCharacters(in: .whitespaces)
        if words.hasPrefix("// snippet: ") {
          name = String(words.dropFirst("// snippet: ".count))
          lines = []
        } else if words == "// end", let region = name {
          let margin = lines.first.map { $0.prefix { $0 == " " }.count } ?? 0
          let code = lines.map { String($0.dropFirst(min(margin, $0.prefix { $0 == " " }.count))) }
          found[code.joined(separator: "\n")] = region
          name = nil
        } else if name != nil {
          lines.append(line)
        }
      }
    }
    return found
  }
}
