import Foundation
import TestSupport
import Testing

/// Files of orders under the login of a loader, which do what they do for the owner of the schema, and
/// what a loader of one unit is refused.
@Suite struct LoaderOrderTests {
  /// A bank in which E4 looks after three clients, and a login with one grant in it.
  private struct Ground {
    let bank: HandoverGround
    let login = "login_" + UUID().uuidString.prefix(8).lowercased()

    init(role: String, person: String? = nil, unit: String? = nil) async throws {
      bank = try await HandoverGround()
      try await bank.assign("N1", "N2", "N3", to: "E4")
      let quoted = [person, unit].map { $0.map { "'\($0)'" } ?? "null" }
      try await psql(
        """
        create role \(login) login;
        select bank.grant_access('\(login)', '\(role)', \(quoted[0]), \(quoted[1]), null, '2026-01-01', null, 'the test')
        """, in: bank.database)
    }

    func run(_ arguments: String...) async throws -> ProgramOutcome {
      try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": bank.database.url + "&user=" + login])
    }
  }

  private static let firstDay: KeyValuePairs = [
    "prospects": """
    number,name,kind,branch_code,effective_from
    P1,Jade Ltd,company,B1,2026-01-01

    """,
    "group_members": """
    group_code,group_name,client_number,role,effective_from
    G1,Jade Group,N1,head,2026-01-01
    G1,,N2,,2026-01-01

    """,
    "key_persons": "client_number,name,position,relationship_strength\nN1,Li,treasurer,2\n",
    "client_merges": "duplicate,survivor,reason\nC2,C1,same address\n",
    "claims": """
    employee_number,client_number,prospect_name,claimed_on
    E1,N5,,2026-02-01
    E2,N5,,2026-02-03
    E1,,Onyx Ltd,2026-02-01
    E2,,Opal Ltd,2026-02-01

    """,
    "claim_changes": """
    employee_number,prospect_name,change,attached_to,effective_from
    E1,Onyx Ltd,attach,N4,2026-03-01
    E2,Opal Ltd,withdraw,,

    """,
    "collision_decisions":
      "client_number,decided_by,winner,reason,effective_from\nN5,E9,E2,visited first,2026-03-01\n",
    "transfers": """
    reference,giver,receiver,effective_on,cause,proposed_by,client_number
    TR-1,E4,E5,2026-03-01,rotation,E9,N1

    """,
    "transfer_answers": "reference,employee_number,answer\nTR-1,E5,accept\n",
    "departures":
      "employee_number,kind,leaves_on,opened_by\nE4,resignation,2026-09-01,E9\n",
    "departure_items": """
    employee_number,item,description,settled_by,settlement
    E4,1,,E9,go to E6
    E4,,expenses of June,E9,paid back

    """,
    "handovers": """
    reference,subject,giver,receiver,witness,planned_on,transfer_reference,leaver
    H-1,clients of E4,E4,E5,E6,2026-03-01,TR-1,E4

    """,
    "handover_items": """
    reference,item,kind,description,item_reference,quantity,given_on,received_on,finding
    H-1,1,,,,,2026-03-01,2026-03-01,
    H-1,,archive,loan files,BOX-1,3,2026-03-01,2026-03-02,
    H-1,,key,safe of the counter,,,,,lost

    """,
    "handover_signatures": """
    reference,employee_number,signed_on,opinion
    H-1,E4,2026-03-02,
    H-1,E5,2026-03-02,
    H-1,E6,2026-03-03,
    H-1,E5,2026-03-20,all visited

    """,
    "departure_steps": "employee_number,step,auditor,opinion\nE4,close,E8,no objections\n",
  ]

  private static let secondDay: KeyValuePairs = [
    "key_persons": "client_number,name,position,relationship_strength\nN1,Li,chair,4\n",
    "transfers": """
    reference,giver,receiver,effective_on,cause,proposed_by
    TR-2,E4,E6,2026-08-01,resignation,E9

    """,
    "transfer_answers": "reference,employee_number,answer\nTR-2,E6,accept\n",
    "departure_steps": "employee_number,step,released_on\nE4,release,2026-09-01\n",
  ]

  /// What became of all of it.
  private static func record(_ database: TestDatabase) async throws -> String {
    try await psql(
      """
      select c.number, s.segment from bank.client_segment as s join bank.client as c using (branch_id, client_id);
      select g.code, c.number, m.role from bank.client_group_member as m join bank.client_group as g using (client_group_id)
      join bank.client as c using (branch_id, client_id) order by c.number;
      select name, position, superseded_at is null from bank.key_person order by recorded_at;
      select d.number, s.number from bank.client_merge as m join bank.client as d using (branch_id, client_id)
      join bank.client as s on s.branch_id = m.into_branch_id and s.client_id = m.into_client_id;
      select client, person, state from report.client_claim order by claim;
      select client, winner, decided_by from report.collision_case;
      select giver, receivers, state, clients from report.transfer order by transfer;
      select reference, transfer, departure, opinion, state from report.handover;
      select kind, description, quantity, given_on, received_on, finding from bank.handover_item order by item_number;
      select item_number, kind, quantity, settlement from bank.departure_item order by item_number;
      select person, auditor, released_on, state from report.departure;
      select c.number, e.number, s.effective_from, s.effective_until
      from bank.assignment as s join bank.employee as e using (employee_id)
      join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
      where s.superseded_at is null and c.number like 'N%' order by c.number, s.effective_from
      """, in: database)
  }

  @Test func aLoaderOfTheBankOrdersWhatItsOwnerDoes() async throws {
    let ground = try await Ground(role: "loader")
    let first = try await TinyBank().sending(Self.firstDay).taken(
      into: ground.bank.database, as: ground.login)
    #expect(first.messages == [])
    #expect(first.exitCode == 0)
    let second = try await TinyBank().sending(Self.secondDay).taken(
      into: ground.bank.database, as: ground.login)
    #expect(second.messages == [])
    let record = try await Self.record(ground.bank.database)
    #expect(
      record == """
        P1|prospect
        G1|N1|head
        G1|N2|member
        Li|treasurer|f
        Li|chair|t
        C2|C1
        N5|E1|lost
        N5|E2|granted
        N4|E1|granted
        Opal Ltd|E2|withdrawn
        N5|E2|E9
        E4|E5|effective|1
        E4|E6|effective|2
        H-1|1|1|all visited|complete
        clients|clients and accounts of transfer 1 by its list|1|2026-03-01|2026-03-01|
        archive|loan files|3|2026-03-01|2026-03-02|
        key|safe of the counter|1|||lost
        1|clients|2|go to E6
        2|other||paid back
        E4|E8|2026-09-01|released
        N1|E4|2026-01-01|2026-03-01
        N1|E5|2026-03-01|
        N2|E4|2026-01-01|2026-08-01
        N2|E6|2026-08-01|
        N3|E4|2026-01-01|2026-08-01
        N3|E6|2026-08-01|
        N4|E1|2026-03-01|
        N5|E1|2026-02-01|2026-02-03
        N5|E2|2026-03-01|

        """)
    // Sent once more in other bytes, nothing changes.
    for (dataset, text) in Self.firstDay where dataset != "key_persons" {
      let again = try await TinyBank().sending(dataset, text + "\n").taken(
        into: ground.bank.database, as: ground.login)
      #expect(again.messages == [], "\(dataset)")
      #expect(again.counts(dataset)[1...] == ["0", "0", again.counts(dataset)[0]], "\(dataset)")
    }
    #expect(try await Self.record(ground.bank.database) == record)
  }

  /// The list of who leaves names deferred pay, which a loader puts on it and does not see.
  @Test func aLoaderSeesNoPayOfWhoLeaves() async throws {
    let ground = try await Ground(role: "loader")
    let taken = try await TinyBank().sending("departures", Self.firstDay[9].value).taken(
      into: ground.bank.database, as: ground.login)
    #expect(taken.messages == [])
    let conninfo = "\(ground.bank.database.conninfo) user=\(ground.login)"
    await #expect(throws: TestSupportError.self) {
      try await psql("select quantity from bank.departure_item", at: conninfo)
    }
    await #expect(throws: TestSupportError.self) {
      try await psql("select * from bank.departure_holdings(1, '2026-01-01')", at: conninfo)
    }
  }

  @Test func aLoaderOfAUnitOrdersWhatIsInIt() async throws {
    let ground = try await Ground(role: "loader", unit: "B1")
    func take(_ dataset: String, _ text: String) async throws -> TakenFiles {
      var bank = TinyBank()
      bank.files = [:]
      bank.mappings = bank.mappings.filter { $0.key == "bank.yaml" || $0.key.hasPrefix("plans/") }
      return try await bank.sending(dataset, text).taken(
        into: ground.bank.database, as: ground.login)
    }
    let ownPerson = try await take(
      "key_persons", "client_number,name,position,relationship_strength\nN1,Li,treasurer,2\n")
    #expect(ownPerson.exitCode == 0, "\(ownPerson.messages)")
    for (dataset, text) in Self.firstDay
    where !["prospects", "key_persons"].contains(dataset) {
      let refused = try await take(dataset, text)
      #expect(refused.exitCode != 0, "\(dataset)")
      #expect(!refused.messages.isEmpty, "\(dataset)")
    }
    #expect(
      try await psql(
        """
        select (select count(*) from bank.client_claim), (select count(*) from bank.transfer), (select count(*) from bank.departure),
          (select count(*) from bank.handover), (select count(*) from bank.client_group), (select count(*) from bank.client_merge)
        """, in: ground.bank.database) == "0|0|0|0|0|0\n")
  }

  @Test(arguments: [("branch", "E5", "B1"), ("head_office", "E5", nil)])
  func aProspectIsEnteredByBranchAndHeadOffice(
    _ role: String, _ person: String, _ unit: String?
  ) async throws {
    let ground = try await Ground(role: role, person: person, unit: unit)
    let entered = try await ground.run(
      "client", "prospect", "P9", "Jade Ltd", "--company", "--unit", "B1", "--from",
      "2026-03-01")
    #expect(entered.exitCode == 0, "\(entered.errorOutput)")
    #expect(
      try await psql(
        """
        select c.number, c.name, s.segment, s.effective_from
        from bank.client as c join bank.client_segment as s using (branch_id, client_id) where c.number = 'P9'
        """, in: ground.bank.database) == "P9|Jade Ltd|prospect|2026-03-01\n")
    let elsewhere = try await ground.run(
      "client", "prospect", "C3", "Three again", "--unit", "B1")
    #expect(elsewhere.exitCode == 3)
    #expect(elsewhere.messages().count == 1)
    #expect(
      elsewhere.errorOutput.contains("“C3” is taken")
        || elsewhere.errorOutput.contains("has the client number C3 already"),
      "\(elsewhere.errorOutput)")
    let foreign = try await ground.run(
      "client", "prospect", "P10", "Opal Ltd", "--company", "--unit", "B2")
    #expect(foreign.exitCode == (role == "branch" ? 77 : 0), "\(foreign.errorOutput)")
  }

  @Test(arguments: ["hr", "relationship_manager", "risk", "analyst", "auditor"])
  func othersEnterNoProspect(_ role: String) async throws {
    let ground = try await Ground(role: role, person: "E6")
    let refused = try await ground.run(
      "client", "prospect", "P9", "Jade Ltd", "--company", "--unit", "B1")
    #expect(refused.exitCode == 77, "\(refused.errorOutput)")
    #expect(refused.messages().count == 1)
  }
}
