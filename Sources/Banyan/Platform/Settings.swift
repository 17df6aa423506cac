import Documents
import Foundation

/// What a user has set once for all commands, and where: the environment comes before `banyan.yaml` in
/// the working directory, that before the user's own file, and that before the system's. Options of a
/// command come before all of them.
public struct Settings: Sendable {
  /// What can be set.
  public enum Key: String, CaseIterable, Sendable {
    /// How to reach the server: a connection string or URL of libpq.
    case database
    /// Folder of the private server.
    case data
    /// Folder of the user's own reports.
    case reports
    /// Language of reports.
    case lang

    /// The variable of the environment that sets it.
    public var variable: String {
      switch self {
      case .database: "DATABASE_URL"
      case .data: "BANYAN_DATA"
      case .reports: "BANYAN_REPORTS"
      case .lang: "BANYAN_LANG"
      }
    }

    /// What counts if nobody sets it, for people.
    public var standard: String {
      switch self {
      case .database: "the private server"
      case .data: ".banyan"
      case .reports: "none"
      case .lang: "en"
      }
    }

    /// Whether it names a folder.
    var isFolder: Bool { self == .data || self == .reports }
  }

  /// Where a value comes from.
  public enum Origin: Hashable, Sendable {
    /// A variable of the environment.
    case environment(String)
    /// A file.
    case file(String)
  }

  /// A value and where it comes from.
  public struct Value: Hashable, Sendable {
    /// The value; folders of a file are relative to where the file lies.
    public let text: String
    /// Where it comes from.
    public let origin: Origin
  }

  private var values: [Key: Value] = [:]
  /// The files that are looked for, the strongest first, and whether each is there.
  public private(set) var files: [(path: String, isPresent: Bool)] = []

  /// Reads the environment and the files.
  ///
  /// - Throws: ``BanyanError`` that names everything that is wrong with a file.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String = FileManager.default.currentDirectoryPath
  ) throws {
    for key in Key.allCases {
      if let text = environment[key.variable], !text.isEmpty {
        values[key] = Value(text: text, origin: .environment(key.variable))
      }
    }
    for path in Self.paths(environment, workingFolder) {
      let text = try? String(contentsOfFile: path, encoding: .utf8)
      files.append((path, text != nil))
      guard let text else { continue }
      for (key, value) in try Self.read(text, path) where values[key] == nil {
        values[key] = Value(text: value, origin: .file(path))
      }
    }
    if values[.lang] == nil { values[.lang] = Self.languageOfLocale(environment) }
  }

  /// The value of a key; nil if nobody has set it.
  public subscript(_ key: Key) -> Value? { values[key] }

  /// Whether a key is set in a place that comes before the place of another.
  public func isStronger(_ key: Key, than other: Key) -> Bool {
    func rank(_ key: Key) -> Int {
      switch values[key]?.origin {
      case .environment: -1
      case .file(let path): files.firstIndex { $0.path == path } ?? files.count
      case nil: files.count
      }
    }
    return rank(key) < rank(other)
  }

  private static func paths(_ environment: [String: String], _ workingFolder: String) -> [String] {
    func folder(_ variable: String, _ standard: String?) -> String? {
      environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? standard
    }
    let home = environment["HOME"].map { $0 + "/.config" }
    return [workingFolder + "/banyan.yaml"]
      + [folder("XDG_CONFIG_HOME", home), folder("XDG_CONFIG_DIRS", "/etc")].compactMap(\.self)
      .map { $0 + "/banyan/banyan.yaml" }
  }

  private static func read(_ text: String, _ path: String) throws -> [(Key, String)] {
    do {
      return try Document.read(yaml: text, kind: "settings", meanings: [:]) { root in
        guard let top = DocumentMapping(root, keys: Key.allCases.map(\.rawValue)) else {
          return nil
        }
        return Key.allCases.compactMap { key -> (Key, String)? in
          guard let node = top.optional(key.rawValue) else { return nil }
          let value = key == .lang ? node.choice(among: ["en", "zh"]) : node.text("a value")
          guard let value else { return nil }
          let folder = URL(filePath: path).deletingLastPathComponent()
          return (key, key.isFolder ? URL(filePath: value, relativeTo: folder).path : value)
        }
      }
    } catch {
      throw BanyanError.usage(
        error.problems.map { "the settings in “\(path)”: \($0)" }.joined(separator: "\n"))
    }
  }

  /// Chinese for who works in a Chinese locale.
  private static func languageOfLocale(_ environment: [String: String]) -> Value? {
    let variable = ["LC_ALL", "LC_MESSAGES", "LANG"].first { environment[$0]?.isEmpty == false }
    guard let variable, environment[variable]?.hasPrefix("zh") == true else { return nil }
    return Value(text: "zh", origin: .environment(variable))
  }
}
