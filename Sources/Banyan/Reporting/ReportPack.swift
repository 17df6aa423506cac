import Documents
import Exchange
import Foundation

/// A list of reports that are made together: one workbook and one page with contents, for the bank or
/// for each of its units.
public struct ReportPack: Sendable {
  /// A report of the pack and what it is asked with.
  public struct Part: Sendable {
    /// The report.
    public let report: Report
    /// What its sheet is called, in each language.
    public let title: Wording
    /// Values for its parameters, in which `{name}` stands for a parameter of the pack.
    public let values: [(name: String, value: String)]
  }

  /// Name of the pack's file without its ending.
  public let name: String
  /// What it is called.
  public let title: Wording
  /// Names of the parameters that must be given.
  public let parameters: [String]
  /// The reports in order.
  public let parts: [Part]

  /// The parameter that stands for the unit that the pack is made for.
  public static let unitParameter = "unit"
  /// More sheets nobody leafs through.
  static let mostParts = 50

  /// Reads a pack.
  ///
  /// - Parameters:
  ///   - path: Its file.
  ///   - catalogue: Where its reports stand.
  /// - Throws: ``BanyanError`` that says everything that is wrong with it.
  public init(path: String, catalogue: ReportCatalogue) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw BanyanError.usage(
        "the pack “\(path)” cannot be read as UTF-8 text; name a file that can")
    }
    name = URL(filePath: path).deletingPathExtension().lastPathComponent
    let meanings = [
      "title": "what the pack is called", "reports": "the reports, each with its name",
      "report": "the name of a report",
    ]
    do {
      (title, parameters, parts) = try Document.read(yaml: text, kind: "pack", meanings: meanings) {
        Self.read($0, catalogue)
      }
    } catch {
      throw BanyanError.data(
        error.problems.map { "the pack \(path): \($0)" }.joined(separator: "\n"))
    }
  }

  private static func read(
    _ root: DocumentNode, _ catalogue: ReportCatalogue
  ) -> (Wording, [String], [Part])? {
    guard let top = DocumentMapping(root, keys: ["title", "parameters", "reports"]) else {
      return nil
    }
    let title = top.required("title")?.wording("a title")
    let parameters =
      top.optional("parameters")
      .map { $0.list(of: "names of parameters", atMost: 20)?.compactMap { $0.code() } }
    let known = ((parameters ?? []) ?? []) + [unitParameter]
    let parts = top.required("reports")?.list(of: "the reports", atMost: mostParts)?
      .compactMap { part($0, known, catalogue) }
    guard let title, let parts else { return nil }
    if let twice = parts.enumerated().first(where: { index, part in
      parts[..<index].contains { $0.title == part.title }
    }) {
      top.optional("reports")?.report(
        "two parts are called \"\(twice.element.title[.en])\"; give one another `title`")
    }
    return (title, (parameters ?? []) ?? [], parts)
  }

  private static func part(
    _ node: DocumentNode, _ known: [String], _ catalogue: ReportCatalogue
  ) -> Part? {
    guard let keys = DocumentMapping(node, keys: ["report", "title", "parameters"]),
      let place = keys.required("report"), let name = place.code()
    else { return nil }
    let report: Report
    do {
      report = try catalogue.report(named: name)
    } catch {
      place.report("\(error)")
      return nil
    }
    var values: [(name: String, value: String)] = []
    if let given = keys.optional("parameters"),
      let entries = DocumentMapping(given, keys: report.parameters.map(\.name))
    {
      for (name, value) in entries.entries {
        guard let text = value.text("a value") else { continue }
        for asked in text.matches(of: /\{([^{}]*)\}/) where !known.contains(String(asked.1)) {
          value.report(
            "{\(asked.1)} is no parameter of the pack; it has \(alternatives(known))")
        }
        values.append((name, text))
      }
    }
    let title = keys.optional("title").map { $0.wording("a title") }
    return Part(report: report, title: (title ?? nil) ?? report.title, values: values)
  }

  /// Whether the pack can be made for each unit: some report is asked about `{unit}`.
  public var isAboutAUnit: Bool {
    parts.contains { $0.values.contains { $0.value.contains("{\(Self.unitParameter)}") } }
  }

  /// Checks what a caller gives for the parameters.
  ///
  /// - Returns: The values by name.
  /// - Throws: ``BanyanError`` for one that is missing, unknown or given twice.
  public func values(from given: [(name: String, value: String)]) throws -> [String: String] {
    var values: [String: String] = [:]
    for (name, value) in given {
      guard parameters.contains(name) else {
        let hint =
          nearestName(to: name, among: parameters).map { "did you mean \($0)?" }
          ?? (parameters.isEmpty ? "it has none" : "it has \(alternatives(parameters))")
        throw BanyanError.usage("the pack \(self.name) has no parameter “\(name)”; \(hint)")
      }
      if values.updateValue(value, forKey: name) != nil {
        throw BanyanError.usage("the parameter “\(name)” is given twice; give it once")
      }
    }
    if let missing = parameters.first(where: { values[$0] == nil }) {
      throw BanyanError.usage("the pack \(name) needs \(missing)=…; give it a value")
    }
    return values
  }

  /// The values of a part, with those of the pack put in.
  func values(of part: Part, from values: [String: String]) throws -> [String: String] {
    try part.report.values(
      from: part.values.map { name, text in
        (
          name,
          text.replacing(/\{([^{}]*)\}/) { match in
            values[String(match.1)] ?? String(match.0)
          }
        )
      })
  }
}
