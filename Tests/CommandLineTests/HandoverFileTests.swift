import Banyan
import TestSupport
import Testing

/// Files of claims' fate, handovers and the steps of departures: what is wrong with a row is told in one
/// sentence, and the others are carried out.
@Suite struct HandoverFileTests {
  /// The messages, with the days that depend on today left out.
  private static func messages(of taken: TakenFiles) -> [String] {
    taken.messages.map { $0.replacing(/(due|withdrawn) on [0-9-]{10}/) { "\($0.output.1) on DAY" } }
  }

  @Test func claimsAreSettledByFile() async throws {
    let ground = try await HandoverGround()
    let bank = try TinyBank().sending([
      "claims": """
      employee_number,client_number,prospect_name,claimed_on
      E1,N1,,2026-02-01
      E2,N1,,2026-02-03
      E1,N2,,2026-02-01
      E2,N2,,2026-02-03
      E1,,Jade Ltd,2026-02-01
      E2,,Opal Ltd,2026-02-01

      """,
      "claim_changes": """
      employee_number,client_number,prospect_name,change,attached_to,effective_from
      E1,,Jade Ltd,attach,N3,2026-03-01
      E2,,ＯＰＡＬ  ltd,withdraw,,
      E2,,Jade Ltd,withdraw,,
      E1,,Jade Ltd,attach,,
      E1,,Jade Ltd,withdraw,N3,
      E1,N2,,attach,N4,
      E77,,Jade Ltd,withdraw,,
      E1,N2,Jade Ltd,withdraw,,
      E1,,Jade Ltd,attach,N99,
      E1,,Jade Ltd,lose,,

      """,
      "collision_decisions": """
      client_number,prospect_name,decided_by,winner,reason,effective_from
      N1,,E9,E2,visited first,2026-03-01
      N2,,E1,E2,for myself,
      N2,,E9,E9,for myself,
      N2,,E9,E7,never claimed,
      N2,,E99,E1,who is that,
      N2,,E9,E99,who is that,
      N3,,E9,E1,nothing to decide,
      N99,,E9,E1,nobody,
      N1,,E9,E1,once more,
      N2,,E9,,belongs to head office,
      N2,,E9,,,

      """,
    ])
    let taken = try await bank.taken(into: ground.database)
    #expect(taken.exitCode == 3)
    #expect(
      Self.messages(of: taken) == [
        "claim_changes.csv:4: IMP-0401: there is no claim of E2 to Jade Ltd on record; send it first, or correct the number or name",
        "claim_changes.csv:5: IMP-0403: nobody is named whom the prospect has become; to attach a claim takes attached_to; leave it out to withdraw one",
        "claim_changes.csv:6: IMP-0403: a withdrawal names no other client; to attach a claim takes attached_to; leave it out to withdraw one",
        "claim_changes.csv:7: IMP-0403: claim 3 of N2 is about a client on record already; only a granted claim to a prospect can be joined with a client",
        "claim_changes.csv:8: IMP-0401: there is no employee “E77” on record; correct the number, or enter the person first",
        "claim_changes.csv:9: IMP-0403: a claim names either a client on record or a prospect; give the number of the one or the name of the other",
        "claim_changes.csv:10: IMP-0401: there is no client “N99” on record; check the number, or import the client first",
        "claim_changes.csv:11: IMP-0206 change: “lose” is not a change; it is one of attach, withdraw",
        "collision_decisions.csv:3: IMP-0403: E1 claims the client of collision case 2 and cannot decide it; name a person who has no part in it",
        "collision_decisions.csv:4: IMP-0403: nobody decides for themselves; name another person",
        "collision_decisions.csv:5: IMP-0403: E7 has not claimed the client of collision case 2; decide for one of the claimants, or for nobody",
        "collision_decisions.csv:6: IMP-0401: there is no employee “E99” on record; correct the number, or enter the person first",
        "collision_decisions.csv:7: IMP-0401: there is no employee “E99” on record; correct the number, or enter the person first",
        "collision_decisions.csv:8: IMP-0401: nobody contests N3; see what is contested with banyan collision list",
        "collision_decisions.csv:9: IMP-0401: there is no claim to N99 on record; send it first, or correct the number or name",
        "collision_decisions.csv:10: IMP-0403: collision case 1 about N1 was decided by E9 already; move the client by a transfer if another should have it",
        "collision_decisions.csv:12: IMP-0201 reason: “reason” is empty; every decision of a collision case needs one",
      ])
    #expect(taken.counts("claim_changes") == ["10", "2", "8", "0"])
    #expect(taken.counts("collision_decisions") == ["11", "2", "9", "0"])
    #expect(
      try await psql(
        "select client, winner, decided_by, reason from report.collision_case order by 1",
        in: ground.database) == "N1|E2|E9|visited first\nN2||E9|belongs to head office\n")
    #expect(
      try await ground.coverage() == """
        N1|E1|main|1|2026-02-01|2026-02-03
        N1|E2|main|1|2026-03-01|
        N2|E1|main|1|2026-02-01|2026-02-03
        N3|E1|main|1|2026-03-01|

        """)
  }

  @Test func aHandoverComesByFileItemByItem() async throws {
    let ground = try await HandoverGround()
    let plan = try TinyBank().sending([
      "handovers": """
      reference,subject,giver,receiver,witness,planned_on,transfer_reference,leaver
      H-1,the counter,E4,E5,E6,2026-03-01,,
      H-2,the counter,E4,E5,E4,2026-03-01,,
      H-3,the counter,E4,E5,E66,2026-03-01,,
      H-4,the counter,E4,E5,E6,2026-03-01,TR-9,
      H-5,the counter,E4,E5,E6,2026-03-01,,E4
      H-1,the counter,E4,E7,E6,2026-03-01,,
      H-6,the counter,E4,E5,E6,2026-02-30,,

      """,
      "handover_items": """
      reference,item,kind,description,item_reference,quantity,given_on,received_on,finding
      H-1,,archive,loan files,BOX-1,3,2026-03-01,,
      H-1,,archive,loan files,BOX-2,3,2026-03-01,2026-03-02,
      H-1,1,,,,,,2026-03-02,
      H-1,7,,,,,,2026-03-02,
      H-1,,key,,,,,,
      H-1,1,key,safe,,,,,
      H-9,,key,safe,,,,,
      H-1,,jewels,safe,,,,,
      H-1,,seal,office seal,,,,2026-03-02,
      H-1,,equipment,lamp,,,2026-03-02,2026-03-01,

      """,
      "handover_signatures": """
      reference,employee_number,signed_on,opinion
      H-1,E6,2026-03-02,
      H-1,E5,2026-03-10,too early
      H-1,E4,2026-03-02,
      H-1,E5,2026-03-02,
      H-1,E8,2026-03-02,
      H-1,E6,2999-01-01,
      H-1,E6,2026-03-03,
      H-1,E4,2026-03-10,not mine
      H-1,E5,2026-03-10,all there
      H-1,E5,2026-03-11,something else
      H-9,E5,2026-03-11,

      """,
    ])
    let taken = try await plan.taken(into: ground.database)
    #expect(
      Self.messages(of: taken) == [
        "handovers.csv:3: IMP-0403: giver, receiver and witness are three people; name another one",
        "handovers.csv:4: IMP-0401: there is no employee “E66” on record; correct the number, or enter the person first",
        "handovers.csv:5: IMP-0401: there is no transfer “TR-9” on record; send it first, or correct the reference",
        "handovers.csv:6: IMP-0401: there is no departure of E4 on record; open it first, or correct the number",
        "handovers.csv:7: IMP-0403: the reference H-1 is that of handover 1 on 2026-03-01: the counter; use another reference",
        "handovers.csv:8: IMP-0202 planned_on: “2026-02-30” is not a day of the calendar written as YYYY-MM-DD",
        "handover_items.csv:5: IMP-0403: handover 1 has no such items; see the list with banyan handover show 1",
        "handover_items.csv:6: IMP-0403: a row names an item by its number on the list, or it adds one and says its kind and what it is; give either item, or kind and description",
        "handover_items.csv:7: IMP-0403: a row names an item by its number on the list, or it adds one and says its kind and what it is; give either item, or kind and description",
        "handover_items.csv:8: IMP-0401: there is no handover “H-9” on record; send it first, or correct the reference",
        "handover_items.csv:9: IMP-0206 kind: “jewels” is not a kind; it is one of clients, file, archive, key, seal, equipment, access, unfinished_matter, other",
        "handover_items.csv:10: IMP-0403: an item is received on the day on which it is given, or later; correct the days",
        "handover_items.csv:11: IMP-0403: an item is received on the day on which it is given, or later; correct the days",
        "handover_signatures.csv:2: IMP-0403: the witness signs after giver and receiver; let them sign first",
        "handover_signatures.csv:3: IMP-0403: the receiver writes an opinion after signing; sign first, and write something",
        "handover_signatures.csv:6: IMP-0403: E8 has no part in handover 1; giver, receiver and witness sign it",
        "handover_signatures.csv:7: IMP-0202 signed_on: 2999-01-01 is not between 1900-01-01 and 2100-12-31",
        "handover_signatures.csv:9: IMP-0403: E4 did not receive handover 1; the receiver writes the opinion",
        "handover_signatures.csv:11: IMP-0403: handover 1: what was signed or written stays as it is; open another handover for what was left out",
        "handover_signatures.csv:12: IMP-0401: there is no handover “H-9” on record; send it first, or correct the reference",
      ])
    #expect(taken.counts("handovers") == ["7", "1", "6", "0"])
    #expect(taken.counts("handover_items") == ["10", "3", "7", "0"])
    #expect(taken.counts("handover_signatures") == ["11", "4", "7", "0"])
    #expect(
      try await ground.rows("handover", "show", "1").map {
        [$0["description"], $0["reference"], $0["given_on"], $0["received_on"]]
      } == [
        ["loan files", "BOX-1", "2026-03-01", "2026-03-02"],
        ["loan files", "BOX-2", "2026-03-01", "2026-03-02"],
      ])
    #expect(
      try await ground.rows("handover", "list").map {
        [$0["state"], $0["opinion"], $0["reference"]]
      }
        == [["complete", "all there", "H-1"]])
    // What a person has opened with a reference is gone on with by file.
    try await ground.run(
      "handover", "open", "keys", "--giver", "E7", "--receiver", "E8", "--witness", "E9", "--on",
      "2026-04-01", "--reference", "H-7")
    let more = try TinyBank().sending(
      "handover_items",
      "reference,kind,description,given_on,received_on\nH-7,key,safe,2026-04-01,2026-04-01\n")
    #expect(
      try await more.taken(into: ground.database).counts("handover_items") == ["1", "1", "0", "0"])
    #expect(
      try await ground.refusal(
        "handover", "open", "keys", "--giver", "E7", "--receiver", "E8", "--witness", "E9", "--on",
        "2026-04-01", "--reference", "H-7"
      )
      .hasSuffix(" on 2026-04-01: keys; use another reference"))
  }

  @Test func aDepartureIsSettledAuditedAndReleasedByFile() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", to: "E4")
    let bank = try TinyBank().sending([
      "departures": """
      employee_number,kind,leaves_on,opened_by
      E4,resignation,2026-09-01,E9
      E7,retirement,2026-09-01,E9

      """,
      "departure_items": """
      employee_number,item,description,settled_by,settlement
      E4,9,,E9,go to E5
      E4,1,,E4,go to E5
      E4,1,,,
      E4,1,clients,E9,go to E5
      E4,,expenses,E9,
      E5,1,,E9,go to E5
      E4,,expenses,,
      E4,1,,E9,go to E5
      E4,1,,E8,go to E6

      """,
      "departure_steps": """
      employee_number,step,auditor,opinion,released_on,reason
      E4,close,E8,no objections,,
      E4,close,E8,,,
      E4,release,,,,
      E4,release,,,2026-09-01,
      E4,refresh,E8,,,
      E5,close,E8,no objections,,
      E7,close,E7,no objections,,
      E7,withdraw,,,,stays
      E7,close,E8,no objections,,
      E4,abolish,,,,

      """,
    ])
    let taken = try await bank.taken(into: ground.database)
    #expect(
      Self.messages(of: taken) == [
        "departure_items.csv:2: IMP-0403: item 9 of departure 1 is not on the list or settled already; see the list with banyan departure show 1",
        "departure_items.csv:3: IMP-0403: E4 is leaving and cannot settle item 1 of the own departure; name another person",
        "departure_items.csv:4: IMP-0403: a row settles an item by its number on the list, or it adds a matter in words, which may be settled at once; give either item or description, and who settled it with how, or neither",
        "departure_items.csv:5: IMP-0403: a row settles an item by its number on the list, or it adds a matter in words, which may be settled at once; give either item or description, and who settled it with how, or neither",
        "departure_items.csv:6: IMP-0403: a row settles an item by its number on the list, or it adds a matter in words, which may be settled at once; give either item or description, and who settled it with how, or neither",
        "departure_items.csv:7: IMP-0401: there is no departure of E5 on record; open it first, or correct the number",
        "departure_items.csv:10: IMP-0403: item 1 of departure 1 is not on the list or settled already; see the list with banyan departure show 1",
        "departure_steps.csv:2: IMP-0403: the audit of departure 1 cannot be closed: 1 item is not settled, first item 2; settle them: banyan departure settle 1 ITEM",
        "departure_steps.csv:3: IMP-0403: the step close of E4 takes auditor and opinion and nothing else; fill in what is missing, and leave the other columns empty",
        "departure_steps.csv:4: IMP-0403: the step release of E4 takes released_on and nothing else; fill in what is missing, and leave the other columns empty",
        "departure_steps.csv:5: IMP-0403: nothing of E4 moves before the audit of departure 1 is closed; it is due on DAY; settle its list and close it: banyan departure show 1",
        "departure_steps.csv:6: IMP-0403: the step refresh of E4 takes no other column; fill in what is missing, and leave the other columns empty",
        "departure_steps.csv:7: IMP-0401: there is no departure of E5 on record; open it first, or correct the number",
        "departure_steps.csv:8: IMP-0403: nobody audits their own departure; name another auditor",
        "departure_steps.csv:10: IMP-0403: departure 2 was withdrawn on DAY; nothing about it changes any more",
        "departure_steps.csv:11: IMP-0206 step: “abolish” is not a step; it is one of refresh, close, release, withdraw",
      ])
    #expect(taken.counts("departure_items") == ["9", "2", "7", "0"])
    #expect(taken.counts("departure_steps") == ["10", "1", "9", "0"])
    let rest = try TinyBank().sending([
      "departure_items":
        "employee_number,description,settled_by,settlement\nE4,expenses,E9,paid back\n",
      "departure_steps": """
      employee_number,step,auditor,opinion,released_on
      E4,close,E8,no objections,
      E4,release,,,2026-09-01

      """,
    ])
    let second = try await rest.taken(into: ground.database)
    #expect(
      Self.messages(of: second) == [
        "departure_steps.csv:3: IMP-0403: E4 cannot be released on 2026-09-01: 1 of their assignments go on, such as client N1; transfer them, or end them so that they lie in the pool of their branch"
      ])
    #expect(
      try await ground.rows("departure", "list").map { [$0["person"], $0["state"], $0["auditor"]] }
        == [["E4", "audited", "E8"], ["E7", "withdrawn", ""]])
  }
}
