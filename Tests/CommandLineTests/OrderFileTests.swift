import Banyan
import TestSupport
import Testing

/// Files of transfers, answers, claims, departures, prospects, groups and key persons.
@Suite struct OrderFileTests {
  /// The tiny bank whose own files are on record already.
  private static func sending(_ dataset: String, _ text: String) throws -> TinyBank {
    try TinyBank().sending(dataset, text)
  }

  @Test func transfersAreProposedAndAnswered() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", to: "E4")
    let proposals = try Self.sending(
      "transfers",
      """
      reference,giver,receiver,effective_on,cause,proposed_by,client_number
      TR-1,E4,E5,2026-03-01,rotation,E9,N1
      TR-1,E4,E5,2026-03-01,rotation,E9,N2
      TR-2,E4,E6,2026-04-01,rotation,E9,N3
      TR-3,E4,E6,2026-04-01,rotation,E9,N5
      TR-4,E4,E6,2026-04-01,rotation,E9,N3
      TR-4,E4,E6,2026-05-01,rotation,E9,N2
      TR-5,E4,E77,2026-04-01,rotation,E9,N3

      """
    ).sending(
      "transfer_answers",
      """
      reference,employee_number,answer,reason
      TR-1,E5,accept,
      TR-2,E5,accept,
      TR-2,E6,refuse,no room
      TR-9,E6,accept,

      """)
    let taken = try await proposals.taken(into: ground.database)
    #expect(
      taken.messages
        == [
          "transfers.csv:5: IMP-0403 reference: E4 does not look after N5 on 2026-04-01; see what they have with banyan person show, or leave it out",
          "transfers.csv:6: IMP-0403 reference: the lines of transfer TR-4 differ in more than receiver and client; give one giver, day, cause, proposer, unit and treatment of problem loans and balances",
          "transfers.csv:7: IMP-0403 reference: the lines of transfer TR-4 differ in more than receiver and client; give one giver, day, cause, proposer, unit and treatment of problem loans and balances",
          "transfers.csv:8: IMP-0401 reference: there is no employee “E77” on record; check the number, or import the employee first",
          "transfer_answers.csv:3: IMP-0403: E5 is no receiver of transfer 2 of E4; let the receivers accept who have not done so: banyan transfer show names them",
          "transfer_answers.csv:5: IMP-0401: there is no transfer “TR-9” on record; send it first, or correct the reference",
        ])
    #expect(
      try await psql(
        "select reference, state, clients, batch_id is not null from bank.transfer order by 1",
        in: ground.database) == "TR-1|effective|2|t\nTR-2|refused|1|t\n")
    #expect(
      try await ground.coverage() == """
        N1|E4|main|1|2026-01-01|2026-03-01
        N1|E5|main|1|2026-03-01|
        N2|E4|main|1|2026-01-01|2026-03-01
        N2|E5|main|1|2026-03-01|
        N3|E4|main|1|2026-01-01|

        """)
    // A file with the same references and a new one proposes the new one only.
    let more = try Self.sending(
      "transfers",
      """
      reference,giver,receiver,effective_on,cause,proposed_by,client_number
      TR-2,E4,E6,2026-04-01,rotation,E9,N3
      TR-6,E4,E5,2026-04-01,rotation,E9,
      TR-1,E4,E5,2026-09-01,rotation,E9,N1

      """)
    let second = try await more.taken(into: ground.database)
    #expect(second.counts("transfers") == ["3", "1", "1", "1"])
    #expect(
      second.messages == [
        "transfers.csv:4: IMP-0403 reference: the reference TR-1 is that of transfer 1 of E4 on 2026-03-01; use another reference, or withdraw that transfer first"
      ])
  }

  @Test func claimsAndDeparturesAreOrders() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N3", to: "E4")
    let orders = try Self.sending(
      "claims",
      """
      employee_number,client_number,prospect_name,claimed_on,evidence
      E1,N1,,2026-02-01,met at the fair
      E2,N1,,2026-02-03,
      E1,,Jade Ltd,2026-02-01,
      E2,N3,,2026-02-01,
      E2,,,2026-02-01,
      E2,N99,,2026-02-01,

      """
    ).sending(
      "departures",
      """
      employee_number,kind,leaves_on,opened_by,reason
      E4,resignation,2026-09-01,E9,
      E5,holiday,2026-09-01,E9,
      E4,retirement,2026-10-01,E9,

      """)
    let taken = try await orders.taken(into: ground.database)
    #expect(taken.exitCode == 3)
    #expect(taken.counts("claims") == ["6", "3", "3", "0"])
    #expect(taken.counts("departures") == ["3", "1", "2", "0"])
    #expect(
      taken.messages.map { String($0.prefix(100)) }
        == [
          "claims.csv:5: IMP-0403: client N3 is E4's from 2026-01-01; reassign it from a day on, or choose days on which nobody has it",
          "claims.csv:6: IMP-0403: a claim names either a client on record or a prospect; give the number of the one or the name of the other",
          "claims.csv:7: IMP-0401: there is no client “N99” on record; check the number, or import the client first",
          "departures.csv:3: IMP-0403: a departure is a resignation, retirement, dismissal, post_change, secondment or death; choose one",
          "departures.csv:4: IMP-0403: E4 is leaving already: departure 1; go on with that one",
        ].map { String($0.prefix(100)) })
    #expect(
      try await ground.rows("claim", "list").map { $0["state"] } == [
        "contested", "contested", "granted",
      ])
    // The same orders in other words change nothing.
    let again = try Self.sending(
      "claims", "employee_number,client_number,claimed_on\nE1,N1,2026-02-01\n"
    ).sending(
      "departures",
      "employee_number,kind,leaves_on,opened_by\nE4,resignation,2026-09-01,E9\n")
    let second = try await again.taken(into: ground.database)
    #expect(second.exitCode == 0, "\(second.messages)")
    #expect(second.counts("claims") == ["1", "0", "0", "1"])
    #expect(second.counts("departures") == ["1", "0", "0", "1"])
  }

  @Test func prospectsGroupsAndKeyPersonsComeByFile() async throws {
    let database = try await TestServer.migratedDatabase()
    let bank = try Self.sending(
      "prospects",
      """
      number,name,kind,branch_code,effective_from
      P1,Jade Ltd,company,B1,2026-01-01
      P2,Opal Ltd,company,B9,2026-01-01
      C1,One Ltd,company,B1,2026-01-01

      """
    ).sending(
      "group_members",
      """
      group_code,group_name,client_number,role,effective_from,effective_until
      G1,Jade Group,P1,head,2026-01-01,
      G1,,C1,,2026-01-01,
      G1,,C3,head,2026-06-01,
      G2,,C1,,2026-01-01,
      G1,,C2,,2026-02-01,2026-01-01

      """
    ).sending(
      "key_persons",
      """
      client_number,name,position,relationship_strength
      C1,Li,treasurer,2
      C1,Wu,chair,9

      """)
    let taken = try await bank.taken(into: database)
    #expect(
      taken.messages == [
        "prospects.csv:3: IMP-0401 branch_code: the branch “B9” is not on record; send it first, or correct the code",
        "key_persons.csv:3: IMP-0205 relationship_strength: the strength 9 is not from 1, hardly known, to 5, trusted; correct it",
        "group_members.csv:4: IMP-0403: client C3 cannot lead the group G1 from 2026-06-01 on: client P1 leads it from 2026-01-01 on; make the one on record a member first, or let it leave",
        "group_members.csv:5: IMP-0401: there is no group “G2” on record; see the codes with banyan client group list, or give a name to make it",
        "group_members.csv:6: IMP-0403: the dates are reversed: it would begin on 2026-02-01 and end before 2026-01-01; the end is the day after the last day",
      ])
    #expect(taken.counts("prospects") == ["3", "1", "1", "1"])
    #expect(
      try await psql(
        "select c.number, s.segment, s.effective_from from bank.client_segment as s join bank.client as c using (branch_id, client_id)",
        in: database) == "P1|prospect|2026-01-01\n")
    // What has changed of a key person takes the place of what was believed.
    let changed = try Self.sending(
      "key_persons", "client_number,name,position,relationship_strength\nC1,Li,chair,4\n")
    #expect(try await changed.taken(into: database).exitCode == 0)
    #expect(
      try await psql(
        "select name, position, relationship_strength, superseded_at is null from bank.key_person order by recorded_at",
        in: database) == "Li|treasurer|2|f\nLi|chair|4|t\n")
    #expect(try await database.unaccountedRows() == "")
  }
}
