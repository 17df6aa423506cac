// Whatever text a mapping, a file of checks, a manifest or the description of a bank is, its reader takes it or says
// in words what is wrong and where; it never traps. A mapping that was taken judges a row.
// The first byte chooses the reader; the rest is the text.

import Documents
import Exchange
import Quantities

@testable import Banyan

/// What becomes of a row under a mapping that was taken.
private func judge(_ mapping: Mapping) throws {
  let names = mapping.columns.flatMap { $0.headings.prefix(1) }
  let fields = names.map { name in "\"" + name.replacing("\"", with: "\"\"") + "\"" }
  let text =
    fields.joined(separator: ",") + "\n" + names.map { _ in "2026-01-31" }.joined(separator: ",")
  let source = MemorySource(text.utf8)
  let reader =
    try mapping.layout.map { layout throws(FileProblem) in
      try CSVReader(source, layout: layout, encoding: mapping.encoding ?? .utf8)
    } ?? CSVReader(source)
  guard let currency = Currency(code: "CNY") else { return }
  let validator = try RowValidator(
    mapping: mapping, header: reader.header, keys: KeyTables(), currency: currency)
  var values: [StagedValue] = []
  var rejections: [Rejection] = []
  while let record = try reader.next() {
    if validator.concerns(record) {
      validator.validate(record, values: &values, rejections: &rejections)
    }
  }
  precondition(rejections.allSatisfy { !$0.reason.isEmpty }, "a rejection has a reason")
}

private func read(_ yaml: String, by choice: UInt8) throws {
  switch choice % 4 {
  case 0: try judge(Mapping(yaml: yaml, name: "fuzz.yaml"))
  case 1: _ = try DataCheck.all(yaml: yaml)
  case 2: _ = try Manifest(yaml: yaml)
  default: _ = try MappingFolder.Bank(yaml: yaml)
  }
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
  do {
    try read(String(decoding: bytes, as: UTF8.self), by: start[0])
  } catch let error as DocumentError {
    precondition(!error.problems.isEmpty, "a refusal says what is wrong")
    for problem in error.problems {
      precondition(problem.line > 0 && !problem.message.isEmpty, "and where: \(problem)")
    }
  } catch let error as BanyanError {
    precondition(!error.description.isEmpty, "a refusal has words")
  } catch {
    precondition(error is FileProblem, "\(error)")
  }
  return 0
}
