import Documents
import Foundation

/// The mappings that come with the platform: one for every dataset, whose headings people may write in
/// English or Chinese.
public struct StandardMappings: Sendable {
  /// Where they lie below the home of an installation.
  static let folder = "seeds/mappings/standard"

  /// The mappings in the order in which their datasets are taken in.
  public let mappings: [Mapping]

  /// Reads them.
  ///
  /// - Throws: ``BanyanError`` that lists everything that is wrong, with file and line.
  public init(files: InstalledFiles) throws {
    mappings = try Dataset.standard.map { dataset in
      let name = dataset.name + ".yaml"
      do {
        return try Mapping(yaml: files.text(of: "\(Self.folder)/\(name)"), name: name)
      } catch let error as DocumentError {
        throw BanyanError.data(
          error.problems.map { "\(Self.folder)/\(name): \($0)" }.joined(separator: "\n"))
      }
    }
  }

  /// The mapping of a dataset.
  ///
  /// - Throws: ``BanyanError`` that names the nearest one.
  public func mapping(of dataset: String) throws -> Mapping {
    if let mapping = mappings.first(where: { $0.dataset.name == dataset }) { return mapping }
    let names = mappings.map(\.dataset.name)
    let hint =
      nearestName(to: dataset, among: names).map { "did you mean \($0)?" }
      ?? "there are \(names.joined(separator: ", "))"
    throw BanyanError.usage("there is no dataset “\(dataset)”; \(hint)")
  }
}

extension Mapping.Column {
  /// The headings that the file's column may have.
  var headings: [String] {
    if case .column(let headers) = source { return headers }
    return []
  }

  /// The words that the file may hold, each with its meaning; none if any text may stand there.
  var sortedWords: [(word: String, meaning: String)] {
    (words ?? [:]).map { (word: $0.key, meaning: $0.value) }.sorted { $0.word < $1.word }
  }
}

extension String {
  /// Whether it is written in ASCII alone.
  var isPlain: Bool { utf8.allSatisfy { $0 < 128 } }
}
