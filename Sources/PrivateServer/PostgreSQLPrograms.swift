import Foundation

/// The folder of PostgreSQL's own programs, all of one version.
struct PostgreSQLPrograms: Equatable, Sendable {
  /// The folder that holds `initdb`, `pg_ctl`, `postgres` and `psql`.
  let folder: String
  /// The major version, such as 15.
  let majorVersion: Int

  var initdb: String { folder + "/initdb" }
  var pgCtl: String { folder + "/pg_ctl" }
  var postgres: String { folder + "/postgres" }
  var psql: String { folder + "/psql" }

  private static let needed = ["postgres", "initdb", "pg_ctl", "psql"]

  /// Finds the programs: those that `BANYAN_PG_BIN` names, else the newest below `installations`,
  /// else those on the PATH; for an existing cluster, the ones of its own version are preferred.
  ///
  /// - Parameter cluster: The major version that an existing cluster needs, from its PG_VERSION.
  static func find(
    environment: [String: String], cluster: String? = nil, folder: String = "",
    installations: String = "/usr/lib/postgresql"
  ) throws(PrivateServerError) -> PostgreSQLPrograms {
    var candidates: [String]
    if let named = environment["BANYAN_PG_BIN"], !named.isEmpty {
      for program in needed where access("\(named)/\(program)", X_OK) != 0 {
        throw .programMissingInNamedFolder(program: program, folder: named)
      }
      candidates = [named]
    } else {
      let versions = (try? FileManager.default.contentsOfDirectory(atPath: installations)) ?? []
      candidates = versions.compactMap(Int.init).sorted(by: >).map { "\(installations)/\($0)/bin" }
      candidates += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
      candidates = candidates.filter { candidate in
        candidate.hasPrefix("/") && needed.allSatisfy { access("\(candidate)/\($0)", X_OK) == 0 }
      }
    }
    guard !candidates.isEmpty else {
      throw .programsMissing(searched: ["\(installations)/*/bin", "the PATH"])
    }
    var found: [Int] = []
    for candidate in candidates {
      let version = try majorVersion(of: candidate + "/postgres", environment: environment)
      if cluster == nil || cluster == String(version) {
        return PostgreSQLPrograms(folder: candidate, majorVersion: version)
      }
      if !found.contains(version) { found.append(version) }
    }
    throw .versionMismatch(folder: folder, cluster: cluster ?? "?", programs: found)
  }

  /// Asks a `postgres` program for its version: "postgres (PostgreSQL) 15.13 (Debian ...)".
  private static func majorVersion(
    of program: String, environment: [String: String]
  ) throws(PrivateServerError) -> Int {
    let run = ProgramRun(
      program: program, arguments: ["--version"], environment: environment, timeLimit: 30)
    let outcome = try run.run()
    let words = outcome.outputText.split(separator: " ")
    guard outcome.exitCode == 0, words.count >= 3,
      let major = Int(words[2].prefix { $0.isNumber })
    else {
      let answer = outcome.lastLines(1).first ?? "exit code \(outcome.exitCode)"
      throw .programUnusable(program: program, reason: "asked for its version, it said: \(answer)")
    }
    return major
  }
}
