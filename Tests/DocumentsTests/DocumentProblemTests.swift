import Documents
import Testing

@Suite("What is wrong with a document")
struct DocumentProblemTests {
  @Test("A good document is read")
  func good() throws {
    #expect(try readOrder("item: tea\ncount: 3\n") == Order(item: "tea", count: 3))
    #expect(try readOrder("{item: \"tea\", count: 3, note: 茶}") == Order(item: "tea", count: 3))
  }

  @Test("An unknown key is named with the nearest known one, or with all of them")
  func unknownKeys() {
    #expect(
      problems(of: "item: tea\ncuont: 3\ncount: 3\n")
        == "line 2, column 1, cuont: the key `cuont` is not known here; did you mean `count`?")
    #expect(
      problems(of: "item: tea\ncount: 3\nsupplier: x\n")
        == "line 3, column 1, supplier: the key `supplier` is not known here; "
        + "the keys here are item, count, note")
  }

  @Test("A missing key is named with what it says")
  func missingKeys() {
    #expect(
      problems(of: "item: tea\n")
        == "line 1, column 1: the key `count` is missing; it says how many are ordered")
    #expect(problems(of: "count: 3\n") == "line 1, column 1: the key `item` is missing")
  }

  @Test("Every problem is found at once, in the order of the lines")
  func allProblems() {
    let lines = problems(of: "count: many\nnoet: x\nitem: [a]\n").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("line 1, column 8, count: \"many\" is not a whole number"))
    #expect(lines[1].hasPrefix("line 2, column 1, noet: the key `noet` is not known here"))
    #expect(lines[2].hasPrefix("line 3, column 7, item: item has nested values"))
  }

  @Test("A key that stands twice is refused")
  func duplicates() {
    let message = problems(of: "item: tea\ncount: 3\nitem: milk\n")
    #expect(message.hasSuffix("the keys that start here hold item more than once; keep one"))
    #expect(problems(of: "\"item\": tea\ncount: 3\nitem: milk\n").contains("item"))
  }

  @Test("An empty document says so", arguments: ["", "\n\n", "# only a comment\n", "  \n"])
  func empty(yaml: String) {
    #expect(problems(of: yaml) == "line 1, column 1: the document is empty")
  }

  @Test(
    "What is not a mapping is refused",
    arguments: ["tea", "- item: tea\n- count: 3\n", "42", "~", "---\n", "\u{FEFF}tea"])
  func notAMapping(yaml: String) {
    #expect(problems(of: yaml).contains("nested keys are expected here"), "\(yaml)")
  }

  @Test(
    "What is not YAML is refused with the place",
    arguments: [
      ("item: tea\n  count: 3\n", 2), ("item: [tea\ncount: 3\n", 2), ("item: \"tea\ncount: 3", 2),
      ("item: tea\n\tcount: 3\n", 2), ("item: tea\ncount: @3\n", 2), ("%", 1),
      ("item: tea\ncount: 3\n---\nitem: milk\ncount: 1\n", 3), ("item: *unknown\ncount: 3", 1),
    ])
  func notYAML(yaml: String, line: Int) {
    let message = problems(of: yaml)
    #expect(message.contains("this is not YAML"), "\(yaml)")
    #expect(message.contains("check indentation, colons and quotes"), "\(yaml)")
    #expect(message.hasPrefix("line \(line), "), "\(yaml)")
  }

  @Test(
    "Bytes that no text has are refused",
    arguments: ["item: \u{0}\n", "item: \u{1}\n", "a\u{7F}\u{0}b"])
  func controlCharacters(yaml: String) {
    #expect(!problems(of: yaml).isEmpty)
  }

  @Test("A key that is no plain name is refused", arguments: ["? [a, b]\n: 1\n", "{{a: 1}: 2}"])
  func keysThatAreNoNames(yaml: String) {
    #expect(problems(of: yaml).contains("a key is not a plain name"))
  }

  @Test("The nearest name is one that differs in a third of its letters at most")
  func nearestNames() {
    let names = ["separator", "columns", "quote", "file"]
    #expect(nearestName(to: "seperator", among: names) == "separator")
    #expect(nearestName(to: "COLUMNS", among: names) == "columns")
    #expect(nearestName(to: "colunm", among: names) == "columns")
    #expect(nearestName(to: "elephant", among: names) == nil)
    #expect(nearestName(to: "", among: names) == nil)
    #expect(nearestName(to: String(repeating: "a", count: 100_000), among: names) == nil)
    #expect(alternatives([]) == "")
    #expect(alternatives(["a"]) == "a")
    #expect(alternatives(["a", "b", "c"]) == "a, b or c")
  }
}
