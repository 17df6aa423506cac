import LibPQ
import TestSupport
import Testing

/// TLS with the server's certificate verified: the good one is accepted, each bad one refused.
@Suite(
  .serialized,
  .enabled("The server or this machine knows no TLS, or openssl is not installed.") {
    try await AuthenticationGround.hasTLS.value
  }
)
struct TLSTests {
  @Test func aVerifiedServerIsAccepted() async throws {
    let ground = try await AuthenticationGround.shared.value
    let connection = try await ground.connect(["sslmode": "verify-full"])
    #expect(try await connection.userAndEncryption() == ("teller", true))
  }

  @Test func channelBindingWorksOverTLSAndIsRefusedWithout() async throws {
    let ground = try await AuthenticationGround.shared.value
    let connection = try await ground.connect([
      "sslmode": "verify-full", "channel_binding": "require",
    ])
    #expect(try await connection.userAndEncryption() == ("teller", true))
    let error = try await ground.refusal(["channel_binding": "require"])
    #expect(error.description.contains("channel binding"))
  }

  @Test func aServerOfAnotherNameIsRefused() async throws {
    let ground = try await AuthenticationGround.shared.value
    let error = try await ground.refusal(["sslmode": "verify-full", "host": "other.test"])
    #expect(error.description.contains("bank.test"))
    #expect(error.description.contains("other.test"))
    // verify-ca does not look at the name.
    let connection = try await ground.connect(["sslmode": "verify-ca", "host": "other.test"])
    #expect(try await connection.userAndEncryption() == ("teller", true))
  }

  @Test func aServerOfAnUnknownAuthorityIsRefused() async throws {
    let ground = try await AuthenticationGround.shared.value
    let error = try await ground.refusal([
      "sslmode": "verify-full", "sslrootcert": ground.stranger,
    ])
    #expect(error.description.contains("certificate verify failed"))
    let missing = try await ground.refusal([
      "sslmode": "verify-full", "sslrootcert": "/nonexistent/root.crt",
    ])
    #expect(missing.description.contains("/nonexistent/root.crt"))
  }

  @Test func anExpiredCertificateIsRefused() async throws {
    let ground = try await AuthenticationGround.shared.value
    try await ground.present("expired")
    let result: Result<PostgresError, any Error>
    do {
      result = .success(try await ground.refusal(["sslmode": "verify-full"]))
    } catch {
      result = .failure(error)
    }
    // The other tests want the good one, whatever this one found.
    try await ground.present("good")
    let error = try result.get()
    #expect(error.description.contains("certificate verify failed"), "\(error)")
    // libpq does not say what is wrong with it, so the hint says where to look.
    #expect(error.hint?.contains("expired") == true)
    #expect(error.hint?.contains("sslrootcert") == true)
    let connection = try await ground.connect(["sslmode": "verify-full"])
    #expect(try await connection.userAndEncryption() == ("teller", true))
  }
}
