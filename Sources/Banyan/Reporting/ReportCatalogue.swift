import Documents

/// The reports that are installed: one file each in `SQL/reports`.
public struct ReportCatalogue: Sendable {
  /// The reports by name, sorted.
  public let reports: [Report]

  /// Reads all reports of an installation.
  ///
  /// - Throws: ``BanyanError`` if one of them has a bad header.
  public init(files: InstalledFiles) throws {
    reports = try files.names(in: "SQL/reports", endingIn: ".sql").map { name in
      try Report(name: String(name.dropLast(4)), text: files.text(of: "SQL/reports/\(name)"))
    }
  }

  /// The report of a name.
  ///
  /// - Throws: ``BanyanError`` that names the nearest one.
  public func report(named name: String) throws -> Report {
    if let report = reports.first(where: { $0.name == name }) { return report }
    let names = reports.map(\.name)
    let hint =
      nearestName(to: name, among: names).map { "did you mean \($0)?" }
      ?? "there are \(names.joined(separator: ", "))"
    throw BanyanError.usage("there is no report “\(name)”; \(hint)")
  }
}
