import Foundation
import LibPQ
import TestSupport
import Testing

/// What libpq knows of hosts and passwords beyond one string, through this module.
@Suite struct WaysToConnectTests {
  @Test func theNextHostIsTriedWhenOneDoesNotAnswer() async throws {
    let folder = try await TestServer.socketFolder()
    let hosts = try await testConninfo() + " host='/nowhere,\(folder)' port='5432,5432'"
    let connection = try await connect { $0 = ConnectionConfiguration(conninfo: hosts) }
    #expect(try await connection.value("SELECT 1", as: Int.self) == 1)
    let none = await #expect(throws: PostgresError.self) {
      try await connect {
        $0 = ConnectionConfiguration(conninfo: hosts + " host='/nowhere,/nobody'")
      }
    }
    #expect(none?.description.contains("/nowhere") == true)
    #expect(none?.description.contains("/nobody") == true)
  }

  @Test func onlyAServerOfTheWantedKindIsTaken() async throws {
    let database = try await testConninfo()
    for kind in ["any", "read-write", "primary", "prefer-standby"] {
      let connection = try await connect {
        $0 = ConnectionConfiguration(conninfo: database + " target_session_attrs=\(kind)")
      }
      #expect(try await connection.value("SELECT pg_is_in_recovery()", as: Bool.self) == false)
    }
    let error = await #expect(throws: PostgresError.self) {
      try await connect {
        $0 = ConnectionConfiguration(conninfo: database + " target_session_attrs=standby")
      }
    }
    #expect(error?.kind == .connection)
    #expect(error?.description.contains("standby") == true)
  }

  @Test func thePasswordFileIsRead() async throws {
    let ground = try await AuthenticationGround.shared.value
    let place = try TemporaryFolder()
    let password = AuthenticationGround.password
    let file = "\(place.path)/passwords"
    func connectWithFile(_ line: String) async throws -> Connection {
      try (line + "\n").write(toFile: file, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      // Without a password of its own libpq looks into the file.
      return try await ground.connect(["password": "", "passfile": file])
    }
    // The file's own marks stand after a backslash.
    let escaped = password.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
    let connection = try await connectWithFile("*:*:*:teller:\(escaped)")
    #expect(try await connection.value("SELECT current_user::text", as: String.self) == "teller")
    let error = await #expect(throws: PostgresError.self) {
      try await connectWithFile("*:*:*:nobody:\(escaped)")
    }
    #expect(error?.isLastingRefusal == true)
  }
}
