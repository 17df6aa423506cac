import Foundation
import LibPQ
import Quantities

/// Takes a folder in: every file that the mappings name, in the order in which their datasets refer
/// to each other.
public struct FolderImport: Sendable {
  /// What became of the folder.
  public struct Result: Sendable {
    /// One result a file, in the order of the import.
    public let files: [BatchResult]
    /// Files of the folder that no mapping names; they were not read.
    public let unnamed: [String]
    /// Datasets that were left alone because a file that they refer to had failed.
    public let skipped: [String]

    /// Whether anything was kept out.
    public var isClean: Bool {
      skipped.isEmpty
        && files.allSatisfy { file in
          if case .failed = file.outcome { return false }
          return file.rejected == 0
        }
    }
  }

  private let folder: String
  private let mappings: MappingFolder
  private let work: [(mapping: Mapping, names: [String])]
  private let unnamed: [String]

  /// Finds the files of a folder.
  ///
  /// - Throws: ``BanyanError`` if the folder, or a file that a mapping names, is not there; nothing
  ///   has been imported then.
  public init(folder: String, mappings: MappingFolder) throws {
    let (names, others) = try Self.files(in: folder)
    let patterns = mappings.mappings.map { (mapping: $0, pattern: FilePattern($0.file)) }
    for other in others {
      guard let described = patterns.first(where: { $0.pattern.matches(other) }) else { continue }
      throw BanyanError.data(
        "“\(other)”, which \(described.mapping.name) describes, is a folder, a pipe, a broken link or the like in the folder “\(folder)”, and not a file; nothing was imported"
      )
    }
    let work = patterns.map { mapping, pattern in
      (mapping: mapping, names: names.filter(pattern.matches))
    }
    if let missing = work.first(where: { $0.names.isEmpty && !$0.mapping.mayBeMissing }) {
      throw BanyanError.data(
        "“\(missing.mapping.file)”, which \(missing.mapping.name) describes, is not in the folder “\(folder)”; nothing was imported"
      )
    }
    if work.allSatisfy(\.names.isEmpty) {
      throw BanyanError.data(
        "no file in the folder “\(folder)” is one that the mappings in “\(mappings.path)” describe; check both names"
      )
    }
    self.folder = folder
    self.mappings = mappings
    self.work = work
    self.unnamed = names.filter { name in !patterns.contains { $0.pattern.matches(name) } }
  }

  /// Imports the files. One file that fails does not keep others of its kind out, but nothing that
  /// refers to them is taken in, because it would be rejected for their fault.
  ///
  /// - Parameter progress: Called after each file.
  /// - Throws: ``BanyanError`` if the bank on record is another; `PostgresError` if the database
  ///   fails.
  public func run(
    on connection: isolated Connection, progress: (BatchResult) -> Void = { _ in }
  ) throws -> Result {
    try mappings.bank.record(on: connection)
    // Changes of the tree whose day has come since.
    try connection.execute("select bank.refresh_org_units()")
    for plan in mappings.bank.plans {
      let path = URL(filePath: mappings.path).appending(path: plan).path
      _ = try PlanStore.load(path: path, on: connection)
    }
    var files: [BatchResult] = []
    var failedDataset: String?
    var skipped: [String] = []
    for (mapping, names) in work {
      if let failedDataset, mapping.dataset.name != failedDataset {
        skipped.append(mapping.dataset.name)
        continue
      }
      for name in names {
        let result = try FileImport(
          name: name, path: URL(filePath: folder).appending(path: name).path, mapping: mapping,
          currency: mappings.bank.currency
        ).run(on: connection)
        if case .failed = result.outcome { failedDataset = mapping.dataset.name }
        files.append(result)
        progress(result)
      }
    }
    if let overlay = mappings.overlay {
      if failedDataset == nil {
        let result = try overlay.run(on: connection)
        files.append(result)
        progress(result)
      } else {
        skipped.append("overlay")
      }
    }
    // New rows change what plans cost: the planner must know before the first report.
    for table in Set(files.filter { $0.loaded > 0 }.flatMap(\.grownTables)).sorted() {
      try connection.execute("analyze \(identifier: "bank", table)")
    }
    return Result(files: files, unnamed: unnamed, skipped: skipped)
  }

  /// Paths of all regular files below a folder, relative to it, sorted; and of all that is there else.
  private static func files(in folder: String) throws -> (files: [String], others: [String]) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw BanyanError.usage("there is no folder “\(folder)”; name the folder that the bank sent")
    }
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw BanyanError.failure("the folder “\(folder)” cannot be read; check its permissions")
    }
    // Regular files only: a pipe or a device could keep the import waiting for ever.
    let isFile = { (name: String) in
      let file = URL(filePath: folder).appending(path: name).resolvingSymlinksInPath()
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      return attributes?[.type] as? FileAttributeType == .typeRegular
    }
    return (names.filter(isFile).sorted(), names.filter { !isFile($0) }.sorted())
  }
}

/// A path in which `*` stands for any characters but a slash. A file that is compressed has the name
/// of what it holds, and the ending of its compression after it or not.
struct FilePattern {
  private let parts: [[Substring]]

  init(_ pattern: String) {
    parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.split(separator: "*", omittingEmptySubsequences: false)
    }
  }

  func matches(_ path: String) -> Bool {
    if matchesWholly(path) { return true }
    let ending = [".gz", ".zst"].first(where: path.hasSuffix)
    return ending.map { matchesWholly(String(path.dropLast($0.count))) } ?? false
  }

  private func matchesWholly(_ path: String) -> Bool {
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    return names.count == parts.count && zip(parts, names).allSatisfy { Self.matches($1, $0) }
  }

  /// Whether a name consists of the pieces with anything between them.
  private static func matches(_ name: Substring, _ pieces: [Substring]) -> Bool {
    guard let first = pieces.first, let last = pieces.last, name.hasPrefix(first) else {
      return false
    }
    if pieces.count == 1 { return name == first }
    var rest = name.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() {
      guard let range = piece.isEmpty ? rest.startIndex..<rest.startIndex : rest.range(of: piece)
      else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
