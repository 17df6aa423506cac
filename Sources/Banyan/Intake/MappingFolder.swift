import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

/// The mappings of one bank: a folder with a file for each sort of file that the bank sends, a
/// `bank.yaml` that says what the bank is, and perhaps an `overlay.yaml` that makes up what its data
/// do not have.
public struct MappingFolder: Sendable {
  /// What `bank.yaml` says.
  public struct Bank: Sendable {
    let name: String
    let currency: Currency
    /// The head office, for banks whose files do not name it.
    let headOffice: (code: String, openedOn: CivilDate)?
    /// Codes of the tiers from the lowest, each with its title.
    let tiers: [(code: String, title: String)]
    /// Paths of plan files that belong to the bank, relative to the folder.
    let plans: [String]
  }

  /// Path of the folder.
  public let path: String
  /// The bank; nil for the platform's own mappings, which serve the bank that is on record.
  public let bank: Bank?
  /// The mappings in the order in which their datasets are taken in.
  public private(set) var mappings: [Mapping]
  /// What batches are checked for as a whole.
  public let checks: [DataCheck]
  /// What is made up, if anything.
  public let overlay: Overlay?

  /// Reads all files of a folder.
  ///
  /// - Throws: ``BanyanError`` that lists everything that is wrong, with file and line.
  public init(path: String) throws {
    let folder = URL(filePath: path)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw BanyanError.usage("there is no mapping folder “\(path)”; name one that holds bank.yaml")
    }
    func text(_ name: String) throws -> String {
      guard let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8) else {
        throw BanyanError.data("“\(path)/\(name)” is missing or is not UTF-8 text")
      }
      return text
    }
    func read<Value>(_ name: String, _ body: (String) throws(DocumentError) -> Value) throws
      -> Value
    {
      do {
        return try body(try text(name))
      } catch let error as DocumentError {
        throw BanyanError.data(
          error.problems.map { "\(path)/\(name): \($0)" }.joined(separator: "\n"))
      }
    }
    self.path = path
    bank = try read("bank.yaml") { yaml throws(DocumentError) in try Bank(yaml: yaml) }
    overlay =
      names.contains("overlay.yaml")
      ? try read("overlay.yaml") { yaml throws(DocumentError) in try Overlay(yaml: yaml) } : nil
    let own = ["bank.yaml", "overlay.yaml"]
    let described = try names.filter { $0.hasSuffix(".yaml") && !own.contains($0) }.sorted().map {
      name in
      try read(name) { yaml throws(DocumentError) in try Mapping(yaml: yaml, name: name) }
    }
    mappings = Dataset.standard.flatMap { dataset in
      described.filter { $0.dataset.name == dataset.name }
    }
    let checkNames =
      (try? FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "checks").path)) ?? []
    checks = try checkNames.filter { $0.hasSuffix(".yaml") }.sorted().flatMap { name in
      try read("checks/" + name) { yaml throws(DocumentError) in try DataCheck.all(yaml: yaml) }
    }
    if mappings.isEmpty {
      throw BanyanError.data("the folder “\(path)” holds no mapping beside bank.yaml")
    }
  }

  /// The platform's own mappings: one for each dataset, with headings in English and Chinese.
  public init(standard: StandardMappings) {
    path = StandardMappings.folder
    bank = nil
    mappings = standard.mappings
    checks = []
    overlay = nil
  }

  /// The same mappings for files in an encoding that is known from elsewhere.
  func reading(_ encoding: TextEncoding) -> MappingFolder {
    var folder = self
    folder.mappings = mappings.map { $0.reading(encoding) }
    return folder
  }

  /// The currency of the bank's books.
  ///
  /// - Throws: ``BanyanError`` if no bank is on record, and the mappings do not say which it is.
  func currency(on connection: isolated Connection) throws -> Currency {
    if let bank { return bank.currency }
    let known = try connection.optionalRow("select currency from bank.institution", as: String.self)
    guard let currency = known.flatMap(Currency.init(isoCode:)) else {
      throw BanyanError.usage(
        "no bank is on record yet; import its first files with --mapping DIR, a folder whose bank.yaml says what bank it is"
      )
    }
    return currency
  }
}

extension MappingFolder.Bank {
  /// Reads `bank.yaml`.
  init(yaml: String) throws(DocumentError) {
    let meanings = [
      "name": "the bank's name as printed", "currency": "the currency of its books, such as CNY",
      "tiers": "the tiers of its relationship managers from the lowest, each a code and a title",
      "code": "the code of the unit", "opened_on": "its first day of business",
    ]
    self = try Document.read(yaml: yaml, kind: "bank", meanings: meanings) { root in
      guard
        let top = DocumentMapping(
          root, keys: ["name", "currency", "head_office", "tiers", "plans"])
      else { return nil }
      let name = top.required("name")?.text("the bank's name")
      let currencyNode = top.required("currency")
      let currency = currencyNode?.text("a currency such as CNY").flatMap { text -> Currency? in
        if let currency = Currency(isoCode: text) { return currency }
        currencyNode?.report("“\(text)” is not a currency; write three capital letters such as CNY")
        return nil
      }
      var headOffice: (code: String, openedOn: CivilDate)?
      if let keys = top.optional("head_office").flatMap({
        DocumentMapping($0, keys: ["code", "opened_on"])
      }), let code = keys.required("code")?.text("a code"),
        let openedOn = keys.required("opened_on")?.date()
      {
        headOffice = (code, openedOn)
      }
      let tiers = top.required("tiers").flatMap { DocumentMapping(anyKeys: $0) }?.entries
        .compactMap { entry in entry.value.text("a title").map { (code: entry.key, title: $0) } }
      let plans = top.optional("plans")?.list(of: "paths of plan files", atMost: 50)?
        .compactMap { $0.text("a path") }
      guard let name, let currency, let tiers else { return nil }
      return MappingFolder.Bank(
        name: name, currency: currency, headOffice: headOffice, tiers: tiers, plans: plans ?? [])
    }
  }
}
