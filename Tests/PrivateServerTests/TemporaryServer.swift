import Foundation
import Testing

@testable import PrivateServer

/// A server in a temporary folder of its own, which ends with the test.
final class TemporaryServer {
  /// The temporary folder, in which the server's own folder lies.
  let outer: String
  /// The server's folder.
  let folder: String

  init(_ name: String = "server") throws {
    var template = Array("/tmp/banyan-private-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    outer = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    chmod(outer, 0o755)
    folder = outer + "/" + name
  }

  deinit {
    if case .running(let server) = try? described().status() {
      if (try? described().stop()) == nil { kill(server.process, SIGQUIT) }
    }
    try? FileManager.default.removeItem(atPath: outer)
  }

  /// The server as a caller describes it.
  func described(
    user: String? = nil, purpose: ServerPurpose = .tests, settings: [String: String] = [:],
    environment: [String: String] = [:]
  ) -> PrivateServer {
    PrivateServer(
      folder: folder, operatingSystemUser: user, purpose: purpose,
      settings: ["shared_buffers": "16MB", "max_connections": "10"].merging(settings) { $1 },
      environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
  }

  /// Starts the server and returns the account that runs it.
  func startedAccount() throws -> ServerAccount {
    let server = described()
    try server.start()
    return try ServerAccount.choose(named: nil, clusterOwner: try server.place.clusterOwner())
  }

  /// The main process of the running server.
  func process() throws -> pid_t {
    guard case .running(let server) = try described().status() else {
      throw PrivateServerError.notACluster(path: folder)
    }
    return server.process
  }

  /// Ends the running server without letting it tidy up, and waits until it is gone.
  func crash() throws {
    let process = try process()
    kill(process, SIGKILL)
    while kill(process, 0) == 0 { usleep(10_000) }
  }
}

/// Runs a statement with psql against a conninfo or URL.
func answer(_ sql: String, _ server: PrivateServer, at target: String? = nil) throws -> String {
  let command = try server.psqlCommand(arguments: ["-XAtqc", sql])
  var arguments = command.arguments
  if let target { arguments[1] = target }
  let outcome = try ProgramRun(
    program: command.program, arguments: arguments, environment: command.environment, timeLimit: 600
  ).run()
  if outcome.exitCode != 0 { Issue.record("psql: \(outcome.errorText)") }
  return outcome.outputText.trimmingCharacters(in: .newlines)
}

/// The failure of a step that must fail.
func failure<Value>(_ step: () throws(PrivateServerError) -> Value) -> PrivateServerError? {
  do {
    _ = try step()
    Issue.record("This step should have failed.")
    return nil
  } catch {
    return error
  }
}
