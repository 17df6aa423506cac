import Foundation

/// Where the platform's own files lie: `SQL/` with the schema and the reports, `seeds/` with plans
/// and mappings.
public struct InstalledFiles: Sendable {
  /// The folder that holds `SQL` and `seeds`.
  public let home: String

  /// Finds the files: `BANYAN_HOME` decides; otherwise they are searched for beside the program and
  /// in the folders above it, then in `share/banyan` of the same prefix.
  ///
  /// - Throws: ``BanyanError`` if they are nowhere.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    program: String = InstalledFiles.runningProgram
  ) throws {
    func holdsSchema(_ folder: URL) -> Bool {
      FileManager.default.fileExists(atPath: folder.appending(path: "SQL/schema").path)
    }
    if let chosen = environment["BANYAN_HOME"], !chosen.isEmpty {
      guard holdsSchema(URL(filePath: chosen)) else {
        throw BanyanError.failure(
          "BANYAN_HOME is “\(chosen)”, but there is no SQL/schema in it; point it at the folder of the sources or of share/banyan"
        )
      }
      home = chosen
      return
    }
    var folder = URL(filePath: program).resolvingSymlinksInPath().deletingLastPathComponent()
    while true {
      for candidate in [folder, folder.appending(path: "share/banyan")] where holdsSchema(candidate)
      {
        home = candidate.path
        return
      }
      if folder.path == "/" { break }
      folder = folder.deletingLastPathComponent()
    }
    throw BanyanError.failure(
      "the platform's SQL files are not near the program “\(program)”; set BANYAN_HOME to the folder that holds SQL and seeds"
    )
  }

  /// The path of the program that is running.
  public static var runningProgram: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// A folder or file below the home.
  public func path(_ relative: String) -> String {
    URL(filePath: home).appending(path: relative).path
  }

  /// The names of the files of a folder below the home, with the given ending, sorted; none if the
  /// folder does not exist.
  public func names(in folder: String, endingIn ending: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted()
  }

  /// The text of a file below the home.
  public func text(of relative: String) throws -> String {
    do {
      return try String(contentsOfFile: path(relative), encoding: .utf8)
    } catch {
      throw BanyanError.failure(
        "“\(path(relative))” cannot be read as UTF-8 text: \(error.localizedDescription)")
    }
  }
}
