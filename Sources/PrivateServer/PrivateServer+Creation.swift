import Foundation

extension PrivateServer {
  /// Makes the cluster under another name and gives it its own only when it is complete, so that a
  /// command that is killed half-way never leaves what looks like a cluster.
  func createCluster(
    programs: PostgreSQLPrograms, account: ServerAccount
  ) throws(PrivateServerError) {
    do {
      try ServerFolder.remove(place.unfinishedData)
      try ServerFolder.makePrivate(place.unfinishedData, for: account)
      try initialise(programs: programs, account: account)
      try includeSettings()
      try createDatabase(programs: programs, account: account)
    } catch {
      // The first failure is the one to tell; what is left here the next start removes.
      try? ServerFolder.remove(place.unfinishedData)
      throw error
    }
    guard rename(place.unfinishedData, place.data) == 0 else {
      throw .fileFailed(
        action: "give its name to the new cluster", path: place.data, reason: systemReason(errno))
    }
  }

  private func initialise(
    programs: PostgreSQLPrograms, account: ServerAccount
  ) throws(PrivateServerError) {
    var arguments = [
      "-D", "data.unfinished", "--username=\(Self.user)", "--encoding=UTF8", "--data-checksums",
      // Text sorts by code point: the same on every machine, fast, and no upgrade of the system can
      // break an index. Upper and lower case still know all letters.
      "--locale=C.UTF-8", "--lc-collate=C", "--lc-messages=C",
      // Only the owner can enter the socket's folder; that is the key to the house.
      "--auth-local=trust", "--auth-host=reject",
    ]
    if purpose == .tests { arguments.append("--no-sync") }
    let outcome = try account.run(
      programs.initdb, arguments, environment: environment, in: folder, timeLimit: 300)
    guard outcome.exitCode == 0 else {
      throw .creationFailed(folder: folder, lastWords: outcome.lastLines(5))
    }
  }

  private func includeSettings() throws(PrivateServerError) {
    let path = place.unfinishedData + "/postgresql.conf"
    let line = Array(
      "\n# The settings that banyan writes at every start.\ninclude = '../server.conf'\n".utf8)
    let file = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else {
      throw .fileFailed(action: "open", path: path, reason: systemReason(errno))
    }
    defer { close(file) }
    guard write(file, line, line.count) == line.count else {
      throw .fileFailed(action: "write", path: path, reason: systemReason(errno))
    }
  }

  /// Makes the bank's database while no server runs yet, in PostgreSQL's single-user mode.
  private func createDatabase(
    programs: PostgreSQLPrograms, account: ServerAccount
  ) throws(PrivateServerError) {
    // The included file must exist; at this point the server's own defaults will do.
    try ServerFolder.write("# Written at the first start.\n", to: place.settings)
    var arguments = ["--single", "-D", "data.unfinished"]
    if purpose == .tests { arguments.append("-F") }
    let outcome = try account.run(
      programs.postgres, arguments + ["template1"], environment: environment, in: folder,
      input: "CREATE DATABASE \(Self.database)\n", timeLimit: 120)
    guard outcome.exitCode == 0, !outcome.errorText.contains("ERROR:") else {
      throw .creationFailed(folder: folder, lastWords: outcome.lastLines(5))
    }
  }
}
