import Documents
import Exchange
import Foundation
import Quantities

/// The files of one import that belong together, each with the mapping that reads it: a folder, an archive, or
/// files that were named one by one.
struct Delivery: Sendable {
  /// A file as batches name it, and where it is.
  struct File: Sendable {
    let name: String
    let path: String
  }

  /// Files by the mappings that describe them, in the order in which datasets are taken in.
  private(set) var work: [(mapping: Mapping, files: [File])]
  /// Files that no mapping names.
  private(set) var unnamed: [File] = []
  /// What the sender says about the files.
  private(set) var manifest: Manifest?
  /// What it is called, for messages: the name of the folder or archive.
  private(set) var name = ""
  /// The folder that it was unpacked into, which goes away with it.
  private var place: TemporaryPlace?

  /// Finds what paths hold: folders, archives, files, and `-` for standard input. A folder or archive with a
  /// manifest is a delivery by itself, and so is each folder and archive beside others.
  ///
  /// - Throws: ``BanyanError`` if something is not there, or is described by no mapping.
  static func all(
    at paths: [String], _ mappings: MappingFolder, dataset: String?
  ) throws -> [Delivery] {
    var deliveries: [Delivery] = []
    var single: [File] = []
    for path in paths {
      if path == "-" {
        let place = try TemporaryPlace()
        do {
          try place.keepStandardInput(as: "input")
        } catch let problem as FileProblem {
          throw BanyanError.data(problem.description)
        }
        deliveries.append(
          try Delivery(
            [File(name: "standard input", path: place.path + "/input")], mappings, dataset: dataset,
            in: place))
      } else if isFolder(path) {
        deliveries.append(try Delivery(folder: path, mappings, isAlone: paths.count == 1))
      } else if try isArchive(path) {
        deliveries.append(try Delivery(archive: path, mappings))
      } else {
        single.append(File(name: path, path: path))
      }
    }
    if !single.isEmpty { deliveries.append(try Delivery(single, mappings, dataset: dataset)) }
    return deliveries
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  private static func isArchive(_ path: String) throws -> Bool {
    guard isRegularFile(path) else {
      throw FileManager.default.fileExists(atPath: path)
        ? BanyanError.usage(
          "“\(path)” is a pipe, a device or the like, and not a file; write - to read standard input"
        )
        : BanyanError.usage("there is no file or folder “\(path)”; name what the bank sent")
    }
    return try FileKind(path: path) == .zip && !PackedFiles.isWorkbook(path: path)
  }

  // MARK: - Folders

  /// The files of a folder.
  init(folder: String, _ mappings: MappingFolder, isAlone: Bool) throws {
    let (names, others) = try Self.files(in: folder)
    manifest = try Manifest.of(folder: folder)
    let patterns = mappings.mappings.map { (mapping: $0, pattern: FilePattern($0.file)) }
    for other in others {
      guard let described = patterns.first(where: { $0.pattern.matches(other) }) else { continue }
      throw BanyanError.data(
        "“\(other)”, which \(described.mapping.name) describes, is a folder, a pipe, a broken link or the like in the folder “\(folder)”, and not a file; nothing was imported"
      )
    }
    let path = { (name: String) in URL(filePath: folder).appending(path: name).path }
    work = patterns.map { mapping, pattern in
      (mapping, names.filter(pattern.matches).map { File(name: $0, path: path($0)) })
    }
    let isPart = manifest != nil || !isAlone
    if !isPart, let missing = work.first(where: { $0.files.isEmpty && !$0.mapping.mayBeMissing }) {
      throw BanyanError.data(
        "“\(missing.mapping.file)”, which \(missing.mapping.name) describes, is not in the folder “\(folder)”; nothing was imported"
      )
    }
    if work.allSatisfy(\.files.isEmpty) {
      throw BanyanError.data(
        "no file in the folder “\(folder)” is one that the mappings in “\(mappings.path)” describe; check both names"
      )
    }
    unnamed = names.filter { name in
      !patterns.contains { $0.pattern.matches(name) }
        && !(manifest != nil && Manifest.names.contains(name))
    }.map { File(name: $0, path: path($0)) }
    name = URL(filePath: folder).lastPathComponent
  }

  /// The files of an archive, which is unpacked.
  private init(archive: String, _ mappings: MappingFolder) throws {
    let place = try TemporaryPlace()
    do {
      try PackedFiles.unpack(archive, into: place.path)
    } catch {
      throw BanyanError.data("\(error.description); nothing was imported")
    }
    do {
      try self.init(folder: place.path, mappings, isAlone: false)
    } catch let error as BanyanError {
      throw BanyanError.data(error.description.replacing(place.path, with: archive))
    }
    name = URL(filePath: archive).lastPathComponent
    self.place = place
  }

  /// Paths of all regular files below a folder, relative to it, sorted; and of all that is there else.
  private static func files(in folder: String) throws -> (files: [String], others: [String]) {
    guard isFolder(folder) else {
      throw BanyanError.usage("there is no folder “\(folder)”; name the folder that the bank sent")
    }
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw BanyanError.failure("the folder “\(folder)” cannot be read; check its permissions")
    }
    let isFile = { (name: String) in
      isRegularFile(URL(filePath: folder).appending(path: name).path)
    }
    return (names.filter(isFile).sorted(), names.filter { !isFile($0) }.sorted())
  }

  /// Regular files only: a pipe or a device could keep the import waiting for ever.
  static func isRegularFile(_ path: String) -> Bool {
    let file = URL(filePath: path).resolvingSymlinksInPath()
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }

  // MARK: - Files by themselves

  /// Files that were named one by one, or came by standard input.
  private init(
    _ files: [File], _ mappings: MappingFolder, dataset: String?, in place: TemporaryPlace? = nil
  ) throws {
    self.place = place
    var found: [String: [File]] = [:]
    for file in files {
      let (mapping, name) = try Self.mapping(of: file, mappings, dataset: dataset)
      found[mapping.name, default: []].append(File(name: name, path: file.path))
    }
    work = mappings.mappings.compactMap { mapping in found[mapping.name].map { (mapping, $0) } }
  }

  /// The mapping that names a file, or else the one whose columns it has; with the name that batches know.
  private static func mapping(
    of file: File, _ mappings: MappingFolder, dataset: String?
  ) throws -> (Mapping, String) {
    let parts = file.name.split(separator: "/")
    let last = parts.last.map(String.init) ?? file.name
    let possible = mappings.mappings.filter { dataset == nil || $0.dataset.name == dataset }
    if let dataset, possible.isEmpty {
      throw BanyanError.usage(
        "no mapping in “\(mappings.path)” is of the dataset “\(dataset)”; there are mappings of \(alternatives(mappings.mappings.map(\.dataset.name)))"
      )
    }
    for mapping in possible {
      let pattern = FilePattern(mapping.file)
      let name = parts.suffix(pattern.depth).joined(separator: "/")
      if pattern.matches(name) { return (mapping, name) }
    }
    if possible.count == 1 { return (possible[0], last) }
    var unreadable: FileProblem?
    let source: SourceFile
    do {
      source = try SourceFile(path: file.path)
    } catch let problem as FileProblem {
      throw BanyanError.data(problem.description)
    }
    let fitting = try possible.filter { mapping in
      do {
        return try mapping.fits(source)
      } catch let problem as FileProblem {
        unreadable = unreadable ?? problem
        return false
      }
    }
    if fitting.isEmpty, let unreadable { throw BanyanError.data(unreadable.description) }
    if fitting.count == 1 { return (fitting[0], last) }
    let advice = "say which by --dataset, or give it the name that its mapping has"
    throw BanyanError.data(
      fitting.isEmpty
        ? "“\(file.name)” has neither the name nor the columns of a file that the mappings in “\(mappings.path)” describe; \(advice)"
        : "“\(file.name)” has the columns of \(fitting.map(\.name).joined(separator: " and of ")); \(advice)"
    )
  }
}

extension Mapping {
  /// Whether a file has the columns that the mapping wants.
  fileprivate func fits(_ source: SourceFile) throws -> Bool {
    // The header alone is looked at, and no amount: any currency will do.
    guard let currency = Currency(isoCode: "CNY") else { return false }
    guard layout == nil else { return false }
    do {
      let reader = try source.reader(for: self)
      _ = try RowValidator(
        mapping: self, header: reader.header, keys: KeyTables(), currency: currency)
      return true
    } catch is BanyanError {
      return false
    }
  }
}
