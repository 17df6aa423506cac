import TestSupport
import Testing

/// A list of nothing means that there is nothing: whoever asks for what nobody knows is told so.
@Suite struct UnknownNumberTests {
  @Test func numbersAndPeopleThatNobodyKnows() async throws {
    let ground = try await HandoverGround()
    for (thing, called) in [
      ("transfer", "transfer"), ("handover", "handover"), ("departure", "departure"),
      ("collision", "collision case"),
    ] {
      #expect(
        try await ground.refusal(thing, "show", "99")
          == "banyan: there is no \(called) 99 on record; see the numbers with banyan \(thing) list"
      )
    }
    for list in ["transfer", "handover", "claim", "territory"] {
      #expect(
        try await ground.refusal(list, "list", "--person", "E77")
          == "banyan: there is no employee “E77” on record; correct the number, or enter the person first"
      )
      #expect(try await ground.rows(list, "list", "--person", "E1") == [])
    }
    let state = try await banyan("claim", "list", "--state", "nosuch", on: ground.database)
    #expect(state.exitCode == 64)
    #expect(state.errorOutput.contains("contested"))
  }

  /// Names and numbers of nothing but blanks.
  @Test func blanks() async throws {
    let ground = try await HandoverGround()
    let on = ["--on", "2026-07-01"]
    let cases: [([String], String)] = [
      (["org", "rename", "B1", " "] + on, "a unit has a name; give one"),
      (
        ["org", "open", "B9", "", "--level", "branch", "--parent", "R1"] + on,
        "a unit has a name; give one"
      ),
      (
        ["org", "open", " ", "New", "--level", "branch", "--parent", "R1"] + on,
        "a unit has a code; give one"
      ),
      (
        ["person", "add", "", "Lin", "--unit", "B1", "--joined", "2026-07-01"],
        "a person has a number; give one"
      ),
      (["client", "prospect", " ", "Jade", "--unit", "B1"], "a client has a number; give one"),
      (
        ["handover", "open", " ", "--giver", "E4", "--receiver", "E5", "--witness", "E6"] + on,
        "a handover says what it is about; describe it"
      ),
      (
        ["person", "add", "E1", "Lin", "--unit", "B1", "--joined", "2026-07-01"],
        "the number “E1” is that of Ann at B1; use another number, or see them with banyan person show"
      ),
    ]
    for (command, sentence) in cases {
      let outcome = try await BanyanProcess.run(
        command, environment: ["DATABASE_URL": ground.database.url])
      #expect(outcome.exitCode == 3, "\(command)")
      #expect(outcome.messages() == ["banyan: " + sentence], "\(command)")
    }
  }
}
