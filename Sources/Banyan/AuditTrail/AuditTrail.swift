import LibPQ

/// The audit trail: who changed or read what, when and why, and whether anybody has touched that since.
public enum AuditTrail {
  /// The end of the chain, which is worth keeping outside of the database: nobody who holds the
  /// database alone can make another chain that leads to it.
  public struct Head: Hashable, Sendable, CustomStringConvertible {
    /// Number of the last link.
    public let sequenceNumber: Int64
    /// Its SHA-256 in hexadecimal digits.
    public let digest: String

    /// The number and the digest with a colon between them, as ``init(_:)`` reads it.
    public var description: String { "\(sequenceNumber):\(digest)" }

    init(sequenceNumber: Int64, digest: String) {
      self.sequenceNumber = sequenceNumber
      self.digest = digest
    }

    /// Reads what ``description`` has written; nil if the text is anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = Int64(parts[0]), number >= 0, parts[1].count == 64,
        parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit })
      else { return nil }
      self.init(sequenceNumber: number, digest: parts[1].lowercased())
    }
  }

  /// Says to the database which command the session carries out and why, for its entries.
  public static func announce(
    command: String, reason: String?, on connection: isolated Connection
  ) throws {
    try connection.execute(
      "select set_config('banyan.command', \(command), false), set_config('banyan.reason', \(reason ?? ""), false)"
    )
  }

  /// Records that something is shown to the session or taken out by it, before it is.
  ///
  /// - Parameters:
  ///   - isExport: Whether it leaves as a file or a stream for programs, and not for the eyes.
  ///   - object: What it is, such as `client C1`.
  ///   - detail: Parameters, format and file.
  public static func recordReading(
    of object: String, isExport: Bool, detail: [String: String] = [:],
    on connection: isolated Connection
  ) throws {
    let (names, values) = (detail.keys.sorted(), detail.keys.sorted().compactMap { detail[$0] })
    try connection.execute(
      """
      select bank.record_reading(\(isExport ? "export" : "read"), \(object), null,
        jsonb_object(\(names)::text[], \(values)::text[]))
      """)
  }

  /// The end of the chain as it stands.
  public static func head(on connection: isolated Connection) throws -> Head {
    let (number, digest) = try connection.row(
      "select h.sequence_number, encode(h.digest, 'hex') from platform.audit_head as h",
      as: (Int64, String).self)
    return Head(sequenceNumber: number, digest: digest)
  }
}
