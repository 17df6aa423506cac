import Foundation
import Testing

@testable import Banyan

/// docs/mappings.md says what the code does.
@Suite struct MappingReferenceTests {
  @Test func theTablesOfDatasetsAreThoseOfTheCode() throws {
    let text = try documentation("docs/mappings.md")
    let expected = Dataset.standard.map(reference).joined(separator: "\n")
    let written = try #require(section("## Datasets and their columns", of: text))
    let start = try #require(written.range(of: "### "))
    let tables = String(written[start.lowerBound...])
    #expect(
      firstDifference(tables.trimmingCharacters(in: .newlines) + "\n", expected) == nil,
      "docs/mappings.md differs; below “Datasets and their columns” it must hold:\n\(expected)")
  }

  @Test func everyExampleIsRead() throws {
    let blocks = codeBlocks("yaml", in: try documentation("docs/mappings.md"))
    var (mappings, banks, overlays, checks) = (0, 0, 0, 0)
    for block in blocks {
      if block.contains("\nchecks:") {
        checks += try DataCheck.all(yaml: block).count
      } else if block.contains("\ndataset:") || block.hasPrefix("dataset:") {
        _ = try Mapping(yaml: block, name: "example.yaml")
        mappings += 1
      } else if block.contains("relationship_managers:") {
        _ = try Overlay(yaml: block)
        overlays += 1
      } else if block.hasPrefix("name:") {
        _ = try MappingFolder.Bank(yaml: block)
        banks += 1
      }
    }
    #expect(mappings >= 1 && banks == 1 && overlays == 1)
    #expect(checks == 6, "an example for each kind of check")
    #expect(mappings + banks + overlays + 1 == blocks.count, "an example is of no known sort")
  }

  /// The keys that a reading knows, from the message about one that it does not.
  private func knownKeys(_ read: () throws -> Void) throws -> [String] {
    do {
      try read()
      return []
    } catch {
      let text = "\(error)"
      let list = try #require(text.range(of: "the keys here are "))
      return text[list.upperBound...].prefix { $0 != "\n" }.components(separatedBy: ", ")
    }
  }

  @Test func everyKeyIsDescribed() throws {
    let text = try documentation("docs/mappings.md")
    let stranger = "qqqqqqqqqqqqqqqqqqqq: 1\n"
    let described = { (heading: String) in
      Set(tableRows(try #require(section(heading, of: text))).map { $0[0] })
    }
    let mapping = try knownKeys {
      _ = try Mapping(yaml: "dataset: clients\n" + stranger, name: "x.yaml")
    }
    #expect(mapping.contains("separator"))
    #expect(try described("## A mapping") == Set(mapping.map { "`\($0)`" }))
    let bank = try knownKeys { _ = try MappingFolder.Bank(yaml: stranger) }
    #expect(bank.contains("tiers"))
    #expect(try described("## bank.yaml") == Set(bank.map { "`\($0)`" }))
  }

  // MARK: - Rendering

  private func reference(_ dataset: Dataset) -> String {
    let rows = dataset.columns.map { column in
      "| `\(column.name)` | \(column.isRequired ? "yes" : "") | \(meaning(of: column.kind)) |\n"
    }
    return """
      ### \(dataset.name)

      A row is \(article(dataset.singular)), identified by \(identity(of: dataset)).

      | column | required | takes |
      | --- | --- | --- |
      \(rows.joined())
      """
  }

  private func article(_ noun: String) -> String {
    ("aeio".contains(noun.first ?? "x") ? "an " : "a ") + noun
  }

  /// The columns that the key of a dataset is made of, in the words of the mapping.
  private func identity(of dataset: Dataset) -> String {
    var (whole, partly): ([String], [String]) = ([], [])
    for column in dataset.columns {
      let keys = column.stagingColumns.map(\.name)
      if keys.allSatisfy(dataset.key.contains) {
        whole.append("`\(column.name)`")
      } else if keys.contains(where: dataset.key.contains) {
        partly.append("the branch of `\(column.name)`")
      }
    }
    let parts = whole + partly
    return (parts.count > 1 ? parts.dropLast().joined(separator: ", ") + " and " : "")
      + (parts.last ?? "")
  }

  private func meaning(of kind: DatasetColumn.Kind) -> String {
    switch kind {
    case .text(let limit): "text of up to \(limit) characters"
    case .amount: "amount in the bank's currency, zero or more"
    case .positiveAmount: "amount in the bank's currency, above zero"
    case .balance: "amount in the bank's currency, of any sign"
    case .share: "fraction above 0 and up to 1, such as `0.7`"
    case .count: "whole number above zero"
    case .date: "day, as `dates` says"
    case .choice(let words, _): "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
    case .currency: "the code of the bank's own currency, such as `CNY`; others are not taken in"
    case .branch: "code of an org unit on record, a branch or below"
    case .account: "number of an account on record"
    case .client, .ownClient: "number of a client on record"
    case .holding: "number of an account holding on record"
    case .employee: "number of an employee on record"
    case .tier: "code of a tier on record"
    case .number: "number of any sign"
    case .unit: "code of any org unit on record"
    case .colleague: "number of another employee on record"
    case .postKind: "code of a kind of post, such as `relationship_manager`"
    case .productLine: "code of a product line, such as `loans`; empty for all"
    case .metric: "code of a free metric that facts are booked under, such as `sales_amount`"
    case .product: "code of a product on record"
    case .loan: "number of a loan on record"
    case .parentUnit:
      "code of the unit above, on record or in the same file; empty for the head office"
    }
  }
}
