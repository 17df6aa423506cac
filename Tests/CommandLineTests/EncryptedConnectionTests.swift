import Foundation
import TestSupport
import Testing

/// `banyan` over TLS to a server whose certificate it checks, with a password that SCRAM hides.
@Suite struct EncryptedConnectionTests {
  @Test(.enabled(if: Certificates.canBeMade, "the program openssl is not here"))
  func aGrantedLoginOverTLS() async throws {
    let certificates = try Certificates()
    try await certificates.makeAuthority("authority")
    try await certificates.makeAuthority("stranger")
    try await certificates.makeServer("good", host: "bank.test", authority: "authority", days: 2)
    let files = [
      "hba": "local all banyan trust\nhostssl bank all 127.0.0.1/32 scram-sha-256\n",
      "good.crt": try certificates.text("good.crt"), "good.key": try certificates.text("good.key"),
    ]
    let server = try await OwnServer.start(files: files) { folder in
      [
        "hba_file": folder + "/hba", "password_encryption": "scram-sha-256", "ssl": "on",
        "ssl_cert_file": folder + "/good.crt", "ssl_key_file": folder + "/good.key",
        "ssl_min_protocol_version": "TLSv1.2",
      ]
    }
    try await psql(
      "create role clerk login createrole superuser password 'open sesame'", at: server.conninfo)
    let folder = certificates.folder.path
    let passwords = "\(folder)/passwords"
    try Data("*:*:bank:clerk:open sesame\n".utf8).write(to: URL(filePath: passwords))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwords)

    func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> ProgramOutcome {
      let environment = [
        "PGHOST": "bank.test", "PGHOSTADDR": "127.0.0.1", "PGPORT": String(server.port),
        "PGDATABASE": "bank", "PGUSER": "clerk", "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": folder + "/authority.crt", "PGPASSFILE": passwords,
        "PGCHANNELBINDING": "require",
      ]
      return try await BanyanProcess.run(
        arguments, environment: environment.merging(more) { _, new in new })
    }
    let migrated = try await run(["migrate"])
    #expect(migrated.exitCode == 0, "\(migrated.errorOutput)")
    #expect(try await run(["report", "run", "batches"]).exitCode == 0)
    #expect(
      try await psql(
        "select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'clerk'",
        at: server.conninfo)
        == "t\n")

    for (words, change) in [
      ("certificate verify failed", ["PGSSLROOTCERT": folder + "/stranger.crt"]),
      ("does not match host name", ["PGHOST": "other.test"]),
      ("password authentication failed", ["PGPASSWORD": "open barley"]),
      ("no encryption", ["PGSSLMODE": "disable", "PGCHANNELBINDING": "disable"]),
    ] {
      let refused = try await run(["report", "run", "batches"], change)
      #expect(refused.exitCode == 2, "\(refused.errorOutput)")
      #expect(refused.errorOutput.contains(words), "\(refused.errorOutput)")
      #expect(!refused.errorOutput.contains("open sesame"))
      #expect(!refused.errorOutput.contains("open barley"))
      #expect(refused.errorOutput.split(separator: "\n").count == 1)
    }
    try await server.stop()
  }
}
