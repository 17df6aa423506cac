import Foundation

/// Certificate authorities and certificates of servers, made by the program openssl for one test.
public struct Certificates: Sendable {
  /// The folder of all files: NAME.crt and NAME.key.
  public let folder: TemporaryFolder

  /// Makes the folder.
  public init() throws {
    folder = try TemporaryFolder()
  }

  /// Whether openssl is there to make them.
  public static let canBeMade: Bool = {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return folders.split(separator: ":").contains { access("\($0)/openssl", X_OK) == 0 }
  }()

  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
  ]

  /// The text of a file.
  public func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
  }

  /// Makes an authority that signs itself.
  public func makeAuthority(_ name: String) async throws {
    try await openssl(
      ["req", "-x509"] + Self.newKey
        + ["-keyout", "\(name).key", "-out", "\(name).crt", "-days", "2", "-subj", "/CN=\(name)"])
  }

  /// Makes a key and a certificate for a host, valid for some days from now; -1 for one that has
  /// expired.
  public func makeServer(_ name: String, host: String, authority: String, days: Int) async throws {
    try await openssl(
      ["req"] + Self.newKey
        + ["-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(host)"])
    try folder.write("subjectAltName=DNS:\(host)\n".utf8, to: "\(name).ext")
    try await openssl([
      "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).crt", "-CAkey",
      "\(authority).key", "-CAcreateserial", "-days", String(days), "-extfile", "\(name).ext",
      "-out", "\(name).crt",
    ])
  }

  private func openssl(_ arguments: [String]) async throws {
    let outcome = try await runProgram("openssl", arguments, in: folder.path)
    guard let outcome, outcome.exitCode == 0 else {
      throw TestSupportError(
        "openssl \(arguments.joined(separator: " ")) failed: \(outcome?.errorOutput ?? "absent")")
    }
  }
}
