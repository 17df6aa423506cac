import Documents
import Testing

/// Documents that are written to exhaust a reader. All of them must be refused at once.
@Suite("Hostile documents", .timeLimit(.minutes(30)))
struct HostileDocumentTests {
  /// Aliases of aliases: each line stands for nine of the line before.
  private func bomb(levels: Int) -> String {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in 1...levels {
      let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      lines.append("a\(level): &a\(level) [\(alias)]")
    }
    return lines.joined(separator: "\n")
  }

  @Test("A bomb of aliases is refused before it is built")
  func aliasBomb() {
    #expect(
      problems(of: bomb(levels: 40))
        == "line 2, column 10: *a0 repeats the part that is marked &a0; write that part out instead"
    )
  }

  @Test("A bomb of aliases that is used as a key is refused too")
  func aliasBombAsKey() {
    #expect(problems(of: bomb(levels: 40) + "\n? *a40\n: 1\n").contains("write that part out"))
  }

  @Test(
    "Any alias is refused with its place",
    arguments: [
      "item: &x tea\ncount: *x\n", "item: tea\ncount: [&x 1, {a: *x}]\n", "&x item: tea\n*x : 3\n",
      "base: &x\n  item: tea\n<<: *x\ncount: 3\n",
    ])
  func aliases(yaml: String) {
    #expect(problems(of: yaml).contains("*x repeats the part that is marked &x"))
  }

  @Test("Stars and ampersands in texts are only that")
  func innocentSigns() throws {
    let yaml = "item: \"R&D *and* tea & milk * 2\"\ncount: 3  # see *item and &Co\n"
    #expect(try readOrder(yaml).item == "R&D *and* tea & milk * 2")
    #expect(try readOrder("item: &unused tea\ncount: 3").item == "tea")
  }

  @Test("Deep nesting is refused", arguments: ["[", "{a: ", "- ", "? ", "[{"])
  func deepNesting(opening: String) {
    let yaml = "item: tea\ncount: 3\nnote:\n  " + String(repeating: opening, count: 100_000)
    #expect(problems(of: yaml).contains("this is not YAML"))
  }

  @Test("Deep indentation is refused")
  func deepIndentation() {
    let yaml = (0..<1_300).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(problems(of: yaml).contains("this is not YAML"))
  }

  @Test("A document that is too long is refused without being read")
  func tooLong() {
    let yaml = "item: " + String(repeating: "x", count: Document.sizeLimit)
    #expect(
      problems(of: yaml)
        == "line 1, column 1: the document is longer than 1048576 bytes; it should be a short text")
  }

  @Test("A very long value is read or refused in reasonable time")
  func longValue() throws {
    let text = String(repeating: "茶", count: 100_000)
    #expect(try readOrder("item: \(text)\ncount: 1\n").item == text)
    #expect(problems(of: "item: tea\n\(String(repeating: "k", count: 900)): 1\ncount: 1\n") != "")
  }

  @Test("Of very many problems the first hundred are reported")
  func manyProblems() {
    let yaml = (0..<20_000).map { "k\($0): 1\n" }.joined()
    let lines = problems(of: yaml).split(separator: "\n")
    #expect(lines.count == Document.problemLimit)
    #expect(lines[0].hasPrefix("line 1, "))
  }

  @Test(
    "A damaged document is read or refused, whatever the damage",
    arguments: 1...4 as ClosedRange<UInt64>)
  func damage(seed: UInt64) throws {
    let good = Array(
      "item: \"tea\"  # what\ncount: 3\nnote:\n  - {a: 'b', c: [d, ~]}\n  - ? x\n    : |\n      y\n"
        .utf8)
    let signs =
      Array("\n\t \"'#&*!|>%@`[]{},:-?~.<=\\0a".utf8) + [0, 1, 0x7F, 0x80, 0xC3, 0xEF, 0xFF]
    var state = seed
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<500 {
      var bytes = good
      for _ in 0...next(4) {
        let place = next(bytes.count)
        switch next(3) {
        case 0: bytes[place] = signs[next(signs.count)]
        case 1: bytes.insert(signs[next(signs.count)], at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(5)))
        }
        if bytes.isEmpty { bytes = good }
      }
      let yaml = String(decoding: bytes, as: UTF8.self)
      do {
        _ = try readOrder(yaml)
      } catch {
        #expect(!error.problems.isEmpty, "seed \(seed): refused without a reason: \(yaml)")
      }
    }
  }
}
