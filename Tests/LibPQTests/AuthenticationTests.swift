import LibPQ
import TestSupport
import Testing

/// Trust, SCRAM-SHA-256 and TLS with the server's certificate verified, against a server that
/// listens on 127.0.0.1 for these tests.
@Suite(.serialized, .enabled(if: Certificates.canBeMade, "\(Certificates.reasonToSkip)"))
struct AuthenticationTests {
  private static let password = "correct horse 'battery' \\staple"
  private static let wrongPassword = "wrong-zebra-7731"

  /// The server, and the certificates that were made for it.
  private struct Ground: Sendable {
    let server: OwnServer
    let authority: String
    let stranger: String
    let files: String
    // Keeps the folder of the certificates.
    let folder: TemporaryFolder

    /// How a client reaches it over TCP; the host's name is only what the certificate must say.
    func keywords(_ more: [String: String]) -> [String: String] {
      let all = [
        "host": "bank.test", "hostaddr": "127.0.0.1", "port": String(server.port),
        "dbname": "bank", "user": "teller", "password": AuthenticationTests.password,
        "sslmode": "disable", "sslrootcert": authority, "gssencmode": "disable",
        "passfile": "/nonexistent",
      ]
      return all.merging(more, uniquingKeysWith: { _, new in new })
    }

    func connect(_ more: [String: String] = [:]) async throws -> Connection {
      try await Connection.connect(ConnectionConfiguration(keywords: keywords(more)))
    }

    func refusal(_ more: [String: String]) async throws -> PostgresError {
      let start = ContinuousClock.now
      let error = await #expect(throws: PostgresError.self) { _ = try await connect(more) }
      #expect(ContinuousClock.now - start < .seconds(8))
      let found = try #require(error)
      #expect(found.kind == .connection)
      #expect(found.poisonsConnection)
      for secret in [AuthenticationTests.password, AuthenticationTests.wrongPassword] {
        #expect(!found.description.contains(secret))
        #expect(!found.debugDescription.contains(secret))
        #expect(!"\(found)".contains(secret))
      }
      return found
    }

    /// Makes the server show another certificate.
    func present(_ certificate: String) async throws {
      try await TestServer.withConnection(to: server.conninfo) { connection in
        for (setting, ending) in [("ssl_cert_file", "crt"), ("ssl_key_file", "key")] {
          // The names are this test's own; ALTER SYSTEM takes no parameters.
          try connection.execute(
            Query(unsafeSQL: "ALTER SYSTEM SET \(setting) = '\(files)/\(certificate).\(ending)'"))
        }
        try connection.execute("SELECT pg_reload_conf()")
      }
      let limit = ContinuousClock.now + .seconds(20)
      while ContinuousClock.now < limit {
        let shown = try await TestServer.withConnection(to: server.conninfo) { connection in
          try connection.value("SELECT current_setting('ssl_cert_file')", as: String.self)
        }
        if shown.hasSuffix("/\(certificate).crt") { return }
        try await Task.sleep(for: .milliseconds(20))
      }
      throw TestSupportError("The server has not taken the certificate \(certificate).")
    }
  }

  private static let ground = Task { () throws -> Ground in
    let certificates = Certificates()
    try await certificates.makeAuthority("authority")
    try await certificates.makeAuthority("stranger")
    try await certificates.makeServer(
      "good", host: "bank.test", authority: "authority", days: 2)
    try await certificates.makeServer(
      "expired", host: "bank.test", authority: "authority", days: -1)
    var files = [
      "hba": """
      local all banyan trust
      hostnossl bank truster 127.0.0.1/32 trust
      hostnossl bank teller 127.0.0.1/32 scram-sha-256
      hostssl bank teller 127.0.0.1/32 scram-sha-256
      """ + "\n"
    ]
    for name in ["good.crt", "good.key", "expired.crt", "expired.key"] {
      files[name] = try certificates.text(name)
    }
    let server = try await OwnServer.start(files: files) { files in
      [
        "hba_file": "\(files)/hba", "ssl": "on", "ssl_cert_file": "\(files)/good.crt",
        "ssl_key_file": "\(files)/good.key", "password_encryption": "scram-sha-256",
      ]
    }
    try await TestServer.withConnection(to: server.conninfo) { connection in
      let quoted = password.replacing("'", with: "''")
      try connection.executeScript(
        unsafeSQL: "CREATE ROLE truster LOGIN; CREATE ROLE teller LOGIN PASSWORD '\(quoted)'")
    }
    let place = try await TestServer.withConnection(to: server.conninfo) { connection in
      try connection.value("SELECT current_setting('hba_file')", as: String.self)
    }
    return Ground(
      server: server, authority: try certificates.path("authority.crt"),
      stranger: try certificates.path("stranger.crt"), files: String(place.dropLast(4)),
      folder: try certificates.folder.get())
  }

  private func whoAmI(_ connection: Connection) async throws -> (String, Bool) {
    let row: (String, Bool) = try await connection.row(
      "SELECT current_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      as: (String, Bool).self)
    await connection.close()
    return row
  }

  @Test func trustAsksForNothing() async throws {
    let ground = try await Self.ground.value
    let connection = try await ground.connect(["user": "truster", "password": ""])
    #expect(try await whoAmI(connection) == ("truster", false))
  }

  @Test func theRightPasswordIsAcceptedBySCRAM() async throws {
    let ground = try await Self.ground.value
    let connection = try await ground.connect()
    #expect(try await whoAmI(connection) == ("teller", false))
  }

  @Test func aWrongPasswordIsRefusedAtOnceWithItsCode() async throws {
    let ground = try await Self.ground.value
    for mode in ["disable", "require"] {
      let error = try await ground.refusal(["password": Self.wrongPassword, "sslmode": mode])
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
    let ground = try await Self.ground.value
    let stranger = try await ground.refusal(["user": "nobody"])
    #expect(stranger.sqlState?.rawValue == "28000")
    let database = try await Self.ground.value.refusal(["dbname": "no_such", "user": "teller"])
    #expect(database.sqlState != nil)
    let port = try await ground.refusal(["port": "1"])
    #expect(port.sqlState == nil)
    #expect(port.description.contains("refused"))
  }

  @Test func aVerifiedServerIsAccepted() async throws {
    let ground = try await Self.ground.value
    let connection = try await ground.connect(["sslmode": "verify-full"])
    #expect(try await whoAmI(connection) == ("teller", true))
  }

  @Test func channelBindingWorksOverTLSAndIsRefusedWithout() async throws {
    let ground = try await Self.ground.value
    let connection = try await ground.connect([
      "sslmode": "verify-full", "channel_binding": "require",
    ])
    #expect(try await whoAmI(connection) == ("teller", true))
    let error = try await ground.refusal(["channel_binding": "require"])
    #expect(error.description.contains("channel binding"))
  }

  @Test func aServerOfAnotherNameIsRefused() async throws {
    let ground = try await Self.ground.value
    let error = try await ground.refusal(["sslmode": "verify-full", "host": "other.test"])
    #expect(error.description.contains("bank.test"))
    #expect(error.description.contains("other.test"))
    // verify-ca does not look at the name.
    let connection = try await ground.connect(["sslmode": "verify-ca", "host": "other.test"])
    #expect(try await whoAmI(connection) == ("teller", true))
  }

  @Test func aServerOfAnUnknownAuthorityIsRefused() async throws {
    let ground = try await Self.ground.value
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
    let ground = try await Self.ground.value
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
    #expect(try await whoAmI(connection) == ("teller", true))
  }

  @Test func aConfigurationShowsNoPassword() async throws {
    let ground = try await Self.ground.value
    let configuration = ConnectionConfiguration(keywords: ground.keywords([:]))
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("battery"))
    }
  }
}
