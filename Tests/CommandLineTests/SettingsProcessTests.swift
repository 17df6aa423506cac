import Foundation
import TestSupport
import Testing

/// Where settings come from, and what the doctor says.
@Suite struct SettingsProcessTests {
  /// A working directory, a user's and a system's folder, each with settings of its own.
  private struct Places {
    let folder: TemporaryFolder

    init(here: String = "", user: String = "", system: String = "") throws {
      folder = try TemporaryFolder()
      try folder.write(here.utf8, to: "here/other.txt")
      for (path, text) in [
        ("here/banyan.yaml", here), ("user/banyan/banyan.yaml", user),
        ("system/banyan/banyan.yaml", system),
      ] where !text.isEmpty { try folder.write(text.utf8, to: path) }
    }

    func run(_ arguments: String..., environment: [String: String] = [:]) async throws
      -> ProgramOutcome
    {
      let usual = [
        "XDG_CONFIG_HOME": folder.path + "/user", "XDG_CONFIG_DIRS": folder.path + "/system",
        "LANG": "C", "LC_ALL": "", "LC_MESSAGES": "",
      ]
      return try await BanyanProcess.run(
        arguments, environment: usual.merging(environment) { _, new in new },
        workingDirectory: folder.path + "/here")
    }
  }

  @Test func theNearerPlaceWins() async throws {
    let places = try Places(
      here: "reports: own\n", user: "reports: elsewhere\nlang: zh\n",
      system: "lang: en\ndata: /srv/bank\n")
    func shown(_ environment: [String: String] = [:]) async throws -> [String] {
      let outcome = try await places.run(
        "config", "show", "--origin", "--format", "csv", environment: environment)
      #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
      return try CSVTable(text: outcome.output).rows.map { row in
        "\(row["setting"] ?? "") \(row["value"] ?? "") \(row["origin"] ?? "")"
          .replacing(places.folder.path, with: "TOP").replacing("/private", with: "")
      }
    }
    #expect(
      try await shown() == [
        "database the private server default", "data /srv/bank TOP/system/banyan/banyan.yaml",
        "reports TOP/here/own TOP/here/banyan.yaml", "lang zh TOP/user/banyan/banyan.yaml",
      ])
    let set = try await shown([
      "DATABASE_URL": "postgresql://me:secret@db/bank", "BANYAN_LANG": "en",
    ])
    #expect(set[0] == "database postgresql://me:…@db/bank environment DATABASE_URL")
    #expect(set[3] == "lang en environment BANYAN_LANG")
    // An option comes before everything.
    let list = try await places.run(
      "report", "list", "--lang", "en", "--reports", places.folder.path)
    #expect(list.output.contains("What was taken in, batch by batch"))
    let chinese = try await places.run("report", "list", "--reports", places.folder.path)
    #expect(chinese.output.contains("数据导入批次"))
  }

  @Test func theDatabaseOfAFileIsUsed() async throws {
    let database = try await TestServer.tinyBankDatabase()
    let places = try Places(here: "database: \"\(database.url)\"\n", user: "data: /nowhere\n")
    let outcome = try await places.run("org", "tree", "--format", "csv")
    #expect(
      outcome.exitCode == 0 && outcome.output.contains("Tiny head office"), "\(outcome.errorOutput)"
    )
    let other = try await places.run("org", "tree", environment: ["BANYAN_DATA": "/nowhere"])
    #expect(
      other.exitCode == 2 && other.errorOutput.contains("/nowhere"), "the environment is nearer")
  }

  @Test func aBadFileIsNamedWithItsLine() async throws {
    let places = try Places(here: "lang: fr\nreport: own\n")
    let outcome = try await places.run("config", "show")
    #expect(outcome.exitCode == 64)
    let messages = outcome.messages(in: places.folder)
    #expect(messages.count == 2, "\(messages)")
    #expect(
      messages[0].contains("line 1, column 7, lang: \"fr\" is not known here; write en or zh"))
    #expect(messages[1].contains("the key `report` is not known here; did you mean `reports`?"))
    let wrong = try await Places().run("report", "list", environment: ["BANYAN_LANG": "fr"])
    #expect(wrong.exitCode == 64)
    #expect(wrong.messages() == ["banyan: BANYAN_LANG is “fr”; set it to en or zh"])
  }

  @Test func theDoctorFindsWhatIsWrong() async throws {
    let database = try await TestServer.migratedDatabase()
    func examine(_ places: Places) async throws -> (code: Int32, states: [String: String]) {
      let outcome = try await places.run(
        "doctor", "--format", "csv", environment: ["DATABASE_URL": database.url])
      let rows = try CSVTable(text: outcome.output).rows
      for row in rows where row["state"] != "ok" {
        #expect(row["advice"]?.isEmpty == false, "\(row) says what to do")
      }
      let states = rows.map { ($0["subject"] ?? "", $0["state"] ?? "") }
      return (outcome.exitCode, Dictionary(states) { first, _ in first })
    }
    let sound = try await examine(Places())
    for subject in [
      "installation", "settings files", "reports", "server", "encoding", "clocks", "login",
      "schema",
      "vacuum", "connections",
    ] { #expect(sound.states[subject] == "ok", "\(subject): \(sound.states)") }
    let broken = try await examine(Places(here: "language: zh\n"))
    #expect(broken.states["settings files"] == "error" && broken.code != 0)
    try await psql(
      """
      delete from platform.applied_file where name = 'views/star.sql'
      """, in: database)
    let ill = try await examine(Places())
    #expect(ill.code == 1 && ill.states["schema"] == "error")
  }

  @Test func theDoctorSaysWhenNobodyIsThere() async throws {
    let places = try Places()
    let outcome = try await places.run("doctor", "--data", places.folder.path + "/none")
    #expect(outcome.exitCode == 2, "\(outcome.output)")
    #expect(
      outcome.output.contains("is not running") && outcome.output.contains("banyan server start"))
    #expect(outcome.output.contains("\nTo do\n  server: "), "what is to be done is never cut")
    let far = try await places.run(
      "doctor", environment: ["DATABASE_URL": "postgresql://127.0.0.1:1/bank?connect_timeout=2"])
    #expect(far.exitCode == 2 && far.output.contains("error"))
  }
}
