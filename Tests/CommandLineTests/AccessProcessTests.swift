import Foundation
import TestSupport
import Testing

/// `banyan` under logins that were granted roles: what works, and what is refused in a sentence.
@Suite struct AccessProcessTests {
  private func run(
    _ arguments: String..., as login: String, on ground: AccessGround
  ) async throws -> ProgramOutcome {
    try await BanyanProcess.run(
      arguments, environment: ["DATABASE_URL": ground.url(login: login)])
  }

  /// Commands against roles: `+` works, `-` is refused with exit code 77.
  private static let commands: [(command: [String], open: Set<String>)] = [
    (["org", "tree"], Set(AccessGround.roles)),
    (
      ["report", "run", "branch-month", "from=2026-01", "to=2026-01"],
      ["head_office", "branch", "relationship_manager", "risk", "auditor", "loader"]
    ),
    (
      ["report", "run", "manager-portfolio", "month=2026-01"],
      ["relationship_manager", "hr", "auditor"]
    ),
    (
      ["report", "run", "pay-statements", "month=2026-01"],
      ["relationship_manager", "hr", "auditor"]
    ),
    (["report", "run", "segregation"], ["auditor"]),
    (
      ["client", "show", "C1"],
      ["head_office", "branch", "relationship_manager", "risk", "auditor"]
    ),
    (["pay", "run", "2026-01"], ["hr"]),
    (
      ["assignment", "list", "--client", "C1"],
      ["head_office", "branch", "relationship_manager", "risk", "auditor", "loader"]
    ),
    (
      ["assignment", "reassign", "C1", "E2", "--from", "2026-03-01"],
      ["head_office", "branch", "risk", "loader"]
    ),
    (
      ["departure", "open", "E3", "--kind", "resignation", "--leaves", "2026-12-31", "--by", "E4"],
      ["head_office"]
    ),
    (["access", "list"], Set(AccessGround.roles)),
    (["access", "grant", "access_nobody", "auditor", "--person", "E8"], ["access_officer"]),
    (["access", "revoke", "access_nobody"], ["access_officer"]),
    (
      ["person", "add", "E77", "Lin", "--unit", "B1", "--joined", "2026-02-01"],
      ["head_office", "hr"]
    ),
    (
      ["org", "rename", "B2", "Renamed", "--on", "2026-03-01"], ["head_office"]
    ),
  ]

  @Test(arguments: AccessGround.roles)
  func everyCommandWorksOrSaysWhoIsMissingWhat(_ role: String) async throws {
    let ground = try await AccessGround()
    for (command, open) in Self.commands {
      // To an analyst nobody in the directory is known, which is what such a command says.
      if role == "analyst", command[0] == "departure" { continue }
      let login = AccessGround.login(role)
      let outcome = try await BanyanProcess.run(
        command, environment: ["DATABASE_URL": ground.url(login: login)])
      let words = "\(role): \(command.joined(separator: " ")): \(outcome.errorOutput)"
      if open.contains(role) {
        #expect(outcome.exitCode == 0, "\(words)")
      } else {
        #expect(outcome.exitCode == 77, "\(words)")
        #expect(outcome.errorOutput.contains(login), "\(words)")
        #expect(outcome.errorOutput.lowercased().contains("access officer"), "\(words)")
        #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(words)")
      }
    }
  }

  @Test func logins() async throws {
    let ground = try await AccessGround()
    let nobody = try await run("org", "tree", as: "access_nobody", on: ground)
    #expect(nobody.exitCode == 77)
    #expect(
      nobody.messages() == [
        "banyan: the login “access_nobody” has no access to this bank; ask an access officer for a grant (`banyan access grant access_nobody ROLE`)"
      ])
    let formerLogin = try await ground.newFormerLogin()
    let former = try await run("org", "tree", as: formerLogin, on: ground)
    #expect(former.exitCode == 77)
    #expect(
      former.messages() == [
        "banyan: the login “\(formerLogin)” holds no grant that is in force today; ask an access officer for one (`banyan access list --login \(formerLogin)` shows those on record)"
      ])
  }

  @Test func grantsComeAndGo() async throws {
    let ground = try await AccessGround()
    let login = try await ground.newLogin()
    let officer = AccessGround.login("access_officer")
    let granted = try await run(
      "access", "grant", login, "branch", "--person", "E3", "--unit", "B2", "--reason", "new",
      as: officer, on: ground)
    #expect(granted.exitCode == 0, "\(granted.errorOutput)")
    let tree = try await run("client", "show", "C3", as: login, on: ground)
    #expect(tree.exitCode == 0, "\(tree.errorOutput)")
    let hidden = try await run("client", "show", "C1", as: login, on: ground)
    #expect(hidden.exitCode != 0 && hidden.errorOutput.contains("no client"))
    let conflict = try await run(
      "access", "grant", login, "relationship_manager", "--person", "E3", as: officer, on: ground)
    #expect(conflict.exitCode == 0)
    #expect(conflict.errorOutput.contains("Held together: branch and relationship_manager"))
    let shown = try await run("access", "show", "E3", "--format", "csv", as: officer, on: ground)
    #expect(shown.output.contains("\(login),branch,E3,B2,"))
    #expect(shown.output.matches(of: /in force/).count == 2)
    let revoked = try await run("access", "revoke", login, "branch", as: officer, on: ground)
    #expect(revoked.exitCode == 0 && revoked.errorOutput.contains("1 grant of"))
    #expect(
      try await psql(
        "select pg_has_role('\(login)', 'banyan_branch', 'member'), pg_has_role('\(login)', 'banyan_relationship_manager', 'member')",
        in: ground.database) == "f|t\n")
    let again = try await run("access", "revoke", login, "branch", as: officer, on: ground)
    #expect(again.exitCode == 3 && again.errorOutput.contains("holds no grant of branch"))
    let history = try await run(
      "access", "list", "--login", login, "--all", "--format", "csv", as: officer, on: ground)
    #expect(history.output.contains("superseded"))
  }

  @Test(arguments: [
    (["nosuchlogin", "hr", "--person", "E6"], "the server has no login “nosuchlogin”"),
    (["LOGIN", "king", "--person", "E6"], "there is no role “king”"),
    (["LOGIN", "hr"], "the role hr is a person's, and none is named"),
    (["LOGIN", "hr", "--person", "E0"], "there is no employee “E0” on record"),
    (
      ["LOGIN", "branch", "--person", "E6"],
      "the role branch is limited to a unit, and none is named"
    ),
    (["LOGIN", "hr", "--person", "E6", "--unit", "B1"], "the role hr is not limited to a unit"),
    (["LOGIN", "branch", "--person", "E6", "--unit", "B9"], "B9"),
    (["LOGIN", "hr", "--person", "E6", "--post", "king"], "there is no kind of post “king”"),
    (["LOGIN", "hr", "--person", "E2"], "nobody gives access to themselves"),
    (["access_access_officer", "hr", "--person", "E6"], "nobody gives access to themselves"),
    (["access_hr", "risk", "--person", "E7"], "a login belongs to one person a day"),
    (["access_hr", "hr", "--person", "E6"], "a login holds a role once a day"),
    (
      ["LOGIN", "hr", "--person", "E6", "--from", "2026-05-01", "--until", "2026-05-01"],
      "a grant ends after it begins"
    ),
  ])
  func aGrantThatIsRefused(_ arguments: [String], _ words: String) async throws {
    let ground = try await AccessGround()
    let login = try await ground.newLogin()
    let outcome = try await BanyanProcess.run(
      ["access", "grant"] + arguments.map { $0 == "LOGIN" ? login : $0 },
      environment: ["DATABASE_URL": ground.url(login: AccessGround.login("access_officer"))])
    #expect(outcome.exitCode == 3, "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.split(separator: "\n").count == 1)
    #expect(
      try await psql(
        "select count(*) from bank.access_grant where login = '\(login)'", in: ground.database)
        == "0\n")
  }

  @Test func aSuperuserIsGrantedNothing() async throws {
    let ground = try await AccessGround()
    let login = try await ground.newLogin()
    try await psql("alter role \(login) superuser", in: ground.database)
    let outcome = try await run(
      "access", "grant", login, "auditor", "--person", "E9",
      as: AccessGround.login("access_officer"), on: ground)
    #expect(outcome.exitCode == 3)
    #expect(outcome.errorOutput.contains("no grant limits it"))
    try await psql("alter role \(login) nosuperuser", in: ground.database)
  }

  /// A migration by a login that is no superuser, and by one that may not make roles.
  @Test func whoMayMigrate() async throws {
    let ground = try await AccessGround()
    let owner = try await ground.newLogin()
    let name = "migrated_by_\(owner)"
    try await psql("create database \(name) owner \(owner) template template0", in: ground.database)
    let url = ground.url(login: owner).replacing("/\(ground.database.name)?", with: "/\(name)?")
    let refused = try await BanyanProcess.run(["migrate"], environment: ["DATABASE_URL": url])
    #expect(refused.exitCode == 1)
    #expect(refused.errorOutput.contains("may not make the group roles"), "\(refused.errorOutput)")
    #expect(refused.errorOutput.contains("createrole"), "\(refused.errorOutput)")
    try await psql(
      """
      alter role \(owner) createrole;
      select format('grant %I to \(owner) with admin option', r.rolname) from pg_roles as r
      where r.rolname like 'banyan\\_%' and current_setting('server_version_num')::integer >= 160000 \\gexec
      """, in: ground.database)
    let outcome = try await BanyanProcess.run(["migrate"], environment: ["DATABASE_URL": url])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let conninfo = ground.database.conninfo.replacing(ground.database.name, with: name)
    let check = try String(
      contentsOfFile: SharedData.packageFolder + "/SQL/checks/access.sql", encoding: .utf8)
    #expect(try await psql(check, at: conninfo) == "")
    try await psql("drop database \(name) with (force)", in: ground.database)
  }

  /// A branch imports for itself: its own rows only, and numbers of others are not taken.
  @Test func aBranchImportsForItself() async throws {
    let ground = try await AccessGround()
    let login = AccessGround.login("loader")
    func send(_ files: [String: String]) async throws -> ProgramOutcome {
      var bank = TinyBank()
      for name in bank.files.keys where files[name] == nil {
        bank.files[name] = nil
        bank.mappings[name.replacing(".csv", with: ".yaml")] = nil
      }
      for (name, text) in files { bank.files[name] = Array(text.utf8) }
      let folder = try bank.write()
      return try await run(
        "import", folder.path + "/files", "--mapping", folder.path + "/mapping", as: login,
        on: ground)
    }
    let own = try await send([
      "clients.csv": "number,name,kind,branch_code\nC10,Ten,person,B1\n",
      "transactions.csv":
        "number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account\nT10,A1,2026-02-03,credit,7.00,,,,,\n",
    ])
    #expect(own.exitCode == 0, "\(own.errorOutput)")
    #expect(
      try await psql(
        """
        select m.credits from bank.account_month as m where m.month = '2026-02-01';
        select count(*) from bank.transaction_2026_02;
        select imported_by from bank.batch order by batch_id desc limit 1
        """, in: ground.database) == "7.00\n1\naccess_loader\n")
    let foreign = try await send([
      "clients.csv": "number,name,kind,branch_code\nC11,Eleven,person,B2\n"
    ])
    #expect(foreign.exitCode == 3)
    #expect(foreign.errorOutput.contains("this login may not add all rows of the file"))
    let taken = try await send([
      "clients.csv": "number,name,kind,branch_code\nC3,Three again,person,B1\n"
    ])
    #expect(taken.exitCode == 3)
    #expect(taken.errorOutput.contains("another unit than B1 has the client number C3 already"))
    let elsewhere = try await send([
      "transactions.csv":
        "number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account\nT11,A3,2026-02-03,credit,7.00,,,,,\n"
    ])
    #expect(elsewhere.exitCode == 3)
    #expect(elsewhere.errorOutput.contains("the account “A3” is not on record"))
    #expect(
      try await psql(
        "select count(*) from bank.client where number in ('C11', 'C3')", in: ground.database)
        == "1\n")
  }

  @Test func segregationIsReported() async throws {
    let ground = try await AccessGround()
    let former = try await ground.newFormerLogin()
    let login = try await ground.newLogin()
    try await psql(
      """
      select bank.grant_access('\(login)', 'hr', 'E1', null, null, '2026-01-01', null, null);
      grant banyan_risk to \(login);
      """, in: ground.database)
    let outcome = try await run(
      "report", "run", "segregation", "--format", "csv", as: AccessGround.login("auditor"),
      on: ground)
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    for line in [
      "incompatible roles,E1,\"access_relationship_manager, \(login)\",hr and relationship_manager,",
      "right beyond the post,E1,\(login),hr,,holds no post",
      "dormant login,E1,\(login),hr,,no trace at all",
      "membership without a grant,,\(login),banyan_risk,",
      "membership without a grant,,\(former),banyan_auditor,",
    ] {
      #expect(outcome.output.contains(line), "\(line)\n\(outcome.output)")
    }
  }

  /// A relationship manager claims under the own login a client whom they do not see, in the own name only.
  @Test func aManagerClaimsInTheOwnName() async throws {
    let ground = try await AccessGround()
    func run(_ arguments: String..., as role: String) async throws -> ProgramOutcome {
      try await BanyanProcess.run(
        arguments, environment: ["DATABASE_URL": ground.url(login: AccessGround.login(role))])
    }
    let claimed = try await run(
      "claim", "add", "--person", "E1", "--prospect", "Harbour Ltd", "--unit", "B1", "--format",
      "csv",
      as: "relationship_manager")
    #expect(claimed.exitCode == 0, "\(claimed.errorOutput)")
    let claim = try #require(CSVTable(text: claimed.output).rows.first?["claim"])
    let other = try await run(
      "claim", "add", "--person", "E3", "--prospect", "Lake Ltd", "--unit", "B2",
      as: "relationship_manager")
    #expect(other.exitCode == 3, "\(other.errorOutput)")
    #expect(other.errorOutput.contains("claims in the own name"), "\(other.errorOutput)")
    let foreign = try await psql(
      "select client_claim_id from bank.client_claim where prospect_name = 'Newcomer Ltd'",
      in: ground.database
    ).trimmingCharacters(in: .newlines)
    let taken = try await run("claim", "withdraw", foreign, as: "relationship_manager")
    #expect(taken.exitCode == 3, "\(taken.errorOutput)")
    let withdrawn = try await run("claim", "withdraw", claim, as: "relationship_manager")
    #expect(withdrawn.exitCode == 0, "\(withdrawn.errorOutput)")
    let hr = try await run(
      "claim", "add", "--person", "E1", "--prospect", "Hill Ltd", "--unit", "B1", as: "hr")
    #expect(hr.exitCode == 77, "\(hr.errorOutput)")
  }
}
