import LibPQ
import TestSupport
import Testing

/// Trust and SCRAM-SHA-256 over TCP, and what a refusal tells.
@Suite struct AuthenticationTests {
  @Test func trustAsksForNothing() async throws {
    let ground = try await AuthenticationGround.shared.value
    let connection = try await ground.connect(["user": "truster", "password": ""])
    #expect(try await connection.userAndEncryption() == ("truster", false))
  }

  @Test func theRightPasswordIsAcceptedBySCRAM() async throws {
    let ground = try await AuthenticationGround.shared.value
    let connection = try await ground.connect()
    #expect(try await connection.userAndEncryption() == ("teller", false))
  }

  @Test func aWrongPasswordIsRefusedAtOnceWithItsCode() async throws {
    let ground = try await AuthenticationGround.shared.value
    let modes = try await AuthenticationGround.hasTLS.value ? ["disable", "require"] : ["disable"]
    for mode in modes {
      let error = try await ground.refusal([
        "password": AuthenticationGround.wrongPassword, "sslmode": mode,
      ])
      #expect(error.sqlState?.rawValue == "28P01")
      #expect(error.severity == "FATAL")
      #expect(error.description.contains("password authentication failed"))
      #expect(!error.description.contains("auth.c"))
      #expect(!error.description.contains("\n"))
    }
    let none = try await ground.refusal(["password": ""])
    #expect(none.sqlState == nil)
    #expect(none.description.contains("no password supplied"))
  }

  @Test func otherRefusalsHaveTheirCodesToo() async throws {
    let ground = try await AuthenticationGround.shared.value
    let stranger = try await ground.refusal(["user": "nobody"])
    #expect(stranger.sqlState?.rawValue == "28000")
    let database = try await AuthenticationGround.shared.value.refusal([
      "dbname": "no_such", "user": "teller",
    ])
    #expect(database.sqlState != nil)
    let port = try await ground.refusal(["port": "1"])
    #expect(port.sqlState == nil)
    #expect(port.description.contains("refused"))
  }

  @Test func aConfigurationShowsNoPassword() async throws {
    let ground = try await AuthenticationGround.shared.value
    let configuration = ConnectionConfiguration(keywords: ground.keywords([:]))
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("battery"))
    }
  }
}
