import Documents
import Foundation

/// The reports that can be run: those that are installed, one file each in `SQL/reports`, and those
/// of the user's own folder.
public struct ReportCatalogue: Sendable {
  /// A file that is no report, and why.
  public struct Broken: Sendable {
    /// Name of the file without `.sql`.
    public let name: String
    /// What is wrong with it, a line for each problem.
    public let reason: String
  }

  /// The reports by name, sorted.
  public let reports: [Report]
  /// The files that cannot be used. They do not stand in the way of the others.
  public let broken: [Broken]
  /// Where each report's file lies, by name.
  public let paths: [String: String]

  /// Reads all reports of an installation, and those of a folder.
  ///
  /// - Parameter ownFolder: A folder with more reports; nil for none.
  /// - Throws: ``BanyanError`` if the folder is not there. A file that is no report is ``broken``.
  public init(files: InstalledFiles, ownFolder: String? = nil) throws {
    var reports: [Report] = []
    var broken: [Broken] = []
    var paths: [String: String] = [:]
    for path in try Self.paths(in: files.path("SQL/reports"))
      + (ownFolder.map(Self.paths(in:)) ?? [])
    {
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      if let other = paths[name] {
        // A look-alike of a standard report would stand under its name in the audit trail.
        broken.append(
          Broken(
            name: name,
            reason:
              "“\(path)” has the name of a report that there is already in “\(other)”; give it another name"
          ))
        continue
      }
      paths[name] = path
      do {
        reports.append(try Report(name: name, text: try Self.text(at: path)))
      } catch let error as BanyanError {
        broken.append(Broken(name: name, reason: error.description))
      }
    }
    self.reports = reports.sorted { $0.name < $1.name }
    self.broken = broken
    self.paths = paths
  }

  /// The report of a name.
  ///
  /// - Throws: ``BanyanError`` that names the nearest one, or what is wrong with its file.
  public func report(named name: String) throws -> Report {
    if let report = reports.first(where: { $0.name == name }) { return report }
    if let broken = broken.first(where: { $0.name == name }) {
      throw BanyanError.data(broken.reason)
    }
    let names = reports.map(\.name)
    let hint =
      nearestName(to: name, among: names).map { "did you mean \($0)?" }
      ?? "there are \(names.joined(separator: ", "))"
    throw BanyanError.usage("there is no report “\(name)”; \(hint)")
  }

  /// The text of a report's file.
  public func text(of report: Report) throws -> String {
    try Self.text(at: paths[report.name] ?? report.name)
  }

  private static func paths(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }.sorted()
        .map { URL(filePath: folder).appending(path: $0).path }
    } catch {
      throw BanyanError.usage(
        "the folder of reports “\(folder)” cannot be read; name one that exists with --reports or BANYAN_REPORTS"
      )
    }
  }

  private static func text(at path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw BanyanError.data(
        "“\(path)” cannot be read as UTF-8 text: \(error.localizedDescription)")
    }
  }
}
