import LibPQ
import TestSupport
import Testing

/// A server that listens on 127.0.0.1 for the tests of passwords and certificates.
struct AuthenticationGround: Sendable {
  static let password = "correct horse 'battery' \\staple"
  static let wrongPassword = "wrong-zebra-7731"

  /// The one that all tests share; it is made when a test first asks.
  static let shared = Task { try await make() }

  /// Whether the server was built with TLS, and certificates can be made.
  static let hasTLS = Task { () throws -> Bool in
    if !Certificates.canBeMade { return false }
    let connection = try await LibPQTests.connect()
    let library = try await connection.value("SELECT current_setting('ssl_library')") as String
    await connection.close()
    return !library.isEmpty
  }

  private let server: OwnServer
  private let certificates: Certificates?
  /// The folder of the server's own files.
  private let files: String

  /// The authority that signed the server's certificate, and one that did not.
  var authority: String { path("authority.crt") }
  var stranger: String { path("stranger.crt") }

  private func path(_ name: String) -> String {
    certificates.map { "\($0.folder.path)/\(name)" } ?? "/nonexistent/\(name)"
  }

  /// How a client reaches the server over TCP, by default with a password and without TLS. The
  /// host's name is only what the certificate must say.
  func keywords(_ more: [String: String]) -> [String: String] {
    let all = [
      "host": "bank.test", "hostaddr": "127.0.0.1", "port": String(server.port),
      "dbname": "bank", "user": "teller", "password": Self.password,
      "sslmode": "disable", "sslrootcert": authority, "gssencmode": "disable",
      "passfile": "/nonexistent/pgpass",
    ]
    return all.merging(more, uniquingKeysWith: { _, new in new })
  }

  func connect(_ more: [String: String] = [:]) async throws -> Connection {
    var configuration = ConnectionConfiguration(keywords: keywords(more))
    configuration.connectTimeout = .seconds(600)
    return try await Connection.connect(configuration)
  }

  /// Connects, expects to be refused by an answer and not by the time limit, with an error that
  /// holds no password.
  func refusal(_ more: [String: String]) async throws -> PostgresError {
    let error = await #expect(throws: PostgresError.self) { _ = try await connect(more) }
    let found = try #require(error)
    #expect(!found.message.contains("no answer within"))
    #expect(found.kind == .connection)
    #expect(found.poisonsConnection)
    for secret in [Self.password, Self.wrongPassword] {
      #expect(!found.description.contains(secret))
      #expect(!found.debugDescription.contains(secret))
    }
    return found
  }

  /// Makes the server show another certificate, and waits until it does.
  func present(_ certificate: String) async throws {
    try await TestServer.withConnection(to: server.conninfo) { connection in
      for (setting, ending) in [("ssl_cert_file", "crt"), ("ssl_key_file", "key")] {
        // The names are the tests' own; ALTER SYSTEM takes no parameters.
        try connection.execute(
          Query(unsafeSQL: "ALTER SYSTEM SET \(setting) = '\(files)/\(certificate).\(ending)'"))
      }
      try connection.execute("SELECT pg_reload_conf()")
    }
    let limit = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < limit {
      let shown = try await TestServer.withConnection(to: server.conninfo) { connection in
        try connection.value("SELECT current_setting('ssl_cert_file')", as: String.self)
      }
      if shown.hasSuffix("/\(certificate).crt") { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw TestSupportError("The server has not taken the certificate \(certificate).")
  }

  private static func make() async throws -> AuthenticationGround {
    var texts = [
      "hba": """
      local all banyan trust
      hostnossl bank truster 127.0.0.1/32 trust
      hostnossl bank teller 127.0.0.1/32 scram-sha-256
      hostssl bank teller 127.0.0.1/32 scram-sha-256
      """ + "\n"
    ]
    let certificates = try await hasTLS.value ? makeCertificates() : nil
    for name in ["good", "expired"] {
      for ending in ["crt", "key"] {
        texts["\(name).\(ending)"] = try certificates?.text("\(name).\(ending)")
      }
    }
    let hasCertificates = certificates != nil
    let server = try await OwnServer.start(files: texts) { files in
      var settings = ["hba_file": "\(files)/hba", "password_encryption": "scram-sha-256"]
      if hasCertificates {
        settings["ssl"] = "on"
        settings["ssl_cert_file"] = "\(files)/good.crt"
        settings["ssl_key_file"] = "\(files)/good.key"
      }
      return settings
    }
    let accessFile = try await TestServer.withConnection(to: server.conninfo) { connection in
      let quoted = password.replacing("'", with: "''")
      try connection.executeScript(
        unsafeSQL: "CREATE ROLE truster LOGIN; CREATE ROLE teller LOGIN PASSWORD '\(quoted)'")
      return try connection.value("SELECT current_setting('hba_file')", as: String.self)
    }
    return AuthenticationGround(
      server: server, certificates: certificates, files: String(accessFile.dropLast("/hba".count)))
  }

  private static func makeCertificates() async throws -> Certificates {
    let certificates = try Certificates()
    try await certificates.makeAuthority("authority")
    try await certificates.makeAuthority("stranger")
    try await certificates.makeServer("good", host: "bank.test", authority: "authority", days: 2)
    try await certificates.makeServer(
      "expired", host: "bank.test", authority: "authority", days: -1)
    return certificates
  }
}

extension Connection {
  /// Who the server thinks that this is, and whether nobody can listen; closes the connection.
  func userAndEncryption() throws -> (user: String, isEncrypted: Bool) {
    let row = try row(
      "SELECT current_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      as: (String, Bool).self)
    close()
    return row
  }
}
