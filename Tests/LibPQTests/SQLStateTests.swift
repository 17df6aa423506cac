import Foundation
import LibPQ
import Testing

/// The names of codes against PostgreSQL's own list, which comes with the server.
@Suite struct SQLStateTests {
  @Test func theNamesAreThoseOfTheServersList() async throws {
    let connection = try await connect()
    let folder = try await connection.value(
      "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'", as: String.self)
    let version = await connection.serverVersion
    let path = folder + "/errcodes.txt"
    // Some packages leave the list out; that of the version that the names come from has it.
    guard version / 10_000 == 15 || FileManager.default.fileExists(atPath: path) else { return }
    var names: [String: [String]] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      // A code, E, W or S, the macro of the sources, and the name of the condition, if it has one.
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 4, words[0].count == 5, ["E", "W", "S"].contains(words[1]) else {
        continue
      }
      names[words[0], default: []].append(words[3])
    }
    for (code, names) in names {
      let name = SQLState(rawValue: code).conditionName
      // A newer server may have codes of its own.
      if name == nil, version >= 160_000 { continue }
      // Of several names the first is the one that the server prefers.
      #expect(name == names[0], "\(code)")
    }
    #expect(names.count > 200)
    #expect(SQLState(rawValue: "ZZ999").description == "ZZ999")
  }
}
