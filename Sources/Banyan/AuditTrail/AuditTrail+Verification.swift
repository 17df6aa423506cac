import LibPQ

extension AuditTrail {
  /// What a verification has found.
  public struct Verdict: Hashable, Sendable {
    /// The last link that fits, and everything before it.
    public let head: Head
    /// The first thing that does not fit, in one sentence; nil if all of the chain does.
    public let firstBreak: String?
    /// Where changes leave no trace now: tables without the triggers of the trail, rules that are
    /// switched off, functions that are not those of the installation.
    public let gaps: [String]
  }

  /// Walks the whole chain. Every digest is computed here, from the columns of the entries; no
  /// function of the platform in the database is asked.
  ///
  /// - Parameters:
  ///   - kept: A head that was kept outside: with it, what was cut off the end or written anew is
  ///     found too.
  ///   - files: The installation, which says what the functions of the database should be.
  public static func verify(
    against kept: Head? = nil, files: InstalledFiles, on connection: isolated Connection
  ) throws -> Verdict {
    try connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
      var walk = Walk(kept: kept)
      // A break ends the walk and not the query, which would fail the transaction.
      try connection.forEachRow(walkQuery) { row in try walk.step(row) }
      let found = try walk.found ?? breakOfTheEnd(after: walk, on: connection)
      let gaps =
        try connection.rows(
          Query(unsafeSQL: files.text(of: "SQL/checks/audit-trail.sql")), as: (String, String).self
        ).map { "\($0): \($1)" } + InstalledFunctions(files: files).strangers(on: connection)
      return Verdict(
        head: walk.head, firstBreak: try found?.sentence(after: walk.head, on: connection),
        gaps: gaps)
    }
  }

  /// Compares the end of the chain with its head, and looks for entries that have no link.
  private static func breakOfTheEnd(
    after walk: Walk, on connection: isolated Connection
  ) throws -> Break? {
    let links = walk.head.sequenceNumber
    if let kept = walk.kept, kept.sequenceNumber > links {
      return .cut(
        at: links + 1,
        "the chain ends at link \(links), and the head that was kept is link \(kept.sequenceNumber): what came after was cut off"
      )
    }
    let stated = try connection.optionalRow(
      "select h.sequence_number, pg_catalog.encode(h.digest, 'hex') from platform.audit_head as h",
      as: (Int64, String).self
    ).map { Head(sequenceNumber: $0, digest: $1) }
    if stated != walk.head {
      return .cut(
        at: min(links, stated?.sequenceNumber ?? 0) + 1,
        "the chain ends at link \(links), and its head says \(stated.map { "\($0.sequenceNumber)" } ?? "nothing")"
      )
    }
    return try connection.rows(
      """
      select e.audit_entry_id, e.action, e.object, e.login, \(query: timeText)
      from platform.audit_entry as e
      where not exists (select 1 from platform.audit_link as l where l.audit_entry_id = e.audit_entry_id)
      order by e.audit_entry_id limit 1
      """, as: (Int64, String, String, String, String).self
    ).first.map { key, action, object, login, time in
      .unlinked(
        "entry \(key) stands outside the chain: \(action) of \(object) by \(login) on \(time)")
    }
  }

  private static let timeText: Query =
    "pg_catalog.to_char(e.recorded_at, 'YYYY-MM-DD HH24:MI:SS')"

  /// The content of an entry at a place of the chain, as `bank.audit_content` writes it for the
  /// digest. Only functions of the server itself are called, by the name of their schema.
  private static func content(at place: Query) -> Query {
    """
    pg_catalog.jsonb_build_array(\(query: place), e.audit_entry_id,
      pg_catalog.to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.transaction_id, e.login,
      e.employee_id, e.client_address, e.application, e.command, e.reason, e.action, e.object, e.row_count, e.changes,
      e.detail)
    """
  }

  private static let walkQuery: Query = """
    select l.sequence_number, e.audit_entry_id, l.previous_digest, l.digest, \(query: content(at: "l.sequence_number"))
    from platform.audit_link as l
    left join platform.audit_entry as e on e.audit_entry_id = l.audit_entry_id
    order by l.sequence_number
    """

  /// The digest of a link: SHA-256 of the digest before and the content, which the server sends as a
  /// byte for the version of its format and the text.
  private static func digest(
    after previous: [UInt8], of row: borrowing RowView, column: Int
  ) -> [UInt8] {
    let digest = Digest()
    previous.withUnsafeBytes { digest.update($0) }
    row.withUnsafeBytes(column) { bytes in
      if let bytes, bytes.count > 1 {
        digest.update(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
      }
    }
    return digest.finish()
  }

  // MARK: - The walk

  /// How far the chain fits.
  private struct Walk {
    let kept: Head?
    var links: Int64 = 0
    var reached = [UInt8](repeating: 0, count: 32)
    var found: Break?

    init(kept: Head?) { self.kept = kept }

    var head: Head { Head(sequenceNumber: links, digest: hexadecimal(reached)) }

    mutating func step(_ row: borrowing RowView) throws {
      if found != nil { return }
      let number = try row.decode(0, as: Int64.self)
      guard number == links + 1 else {
        found = .missing(from: links + 1, to: number - 1)
        return
      }
      guard !row.isNull(1) else {
        found = .entryMissing(at: number)
        return
      }
      let (previous, digest) = (
        try row.decode(2, as: [UInt8].self), try row.decode(3, as: [UInt8].self)
      )
      guard previous == reached else {
        found = .followsAnother(at: number, previous: previous)
        return
      }
      guard AuditTrail.digest(after: reached, of: row, column: 4) == digest else {
        found = .otherContent(at: number, entry: try row.decode(1), digest: digest, after: reached)
        return
      }
      (links, reached) = (number, digest)
      if let kept, kept.sequenceNumber == number, kept.digest != hexadecimal(digest) {
        found = .replaced(at: number)
      }
    }
  }

  /// The first thing that does not fit.
  private enum Break {
    case missing(from: Int64, to: Int64)
    case entryMissing(at: Int64)
    case followsAnother(at: Int64, previous: [UInt8])
    case otherContent(at: Int64, entry: Int64, digest: [UInt8], after: [UInt8])
    case replaced(at: Int64)
    case cut(at: Int64, String)
    case unlinked(String)

    /// What happened, found by looking where the pieces stand now.
    func sentence(after head: Head, on connection: isolated Connection) throws -> String {
      switch self {
      case .missing(let first, let last):
        return first == last
          ? "link \(first), deleted: link \(first) is missing"
          : "link \(first), deleted: links \(first) to \(last) are missing"
      case .entryMissing(let place):
        return "link \(place), deleted: the entry of link \(place) is missing"
      case .followsAnother(let place, let previous):
        return "link \(place), " + (try origin(of: place, previous, on: connection))
      case .otherContent(let place, let entry, let digest, let reached):
        if let other = try placeOfContent(digest, at: place, after: reached, on: connection) {
          return
            "link \(place), reordered: the entry that belongs to link \(place) stands at link \(other)"
        }
        let (action, object, login, time) = try connection.row(
          """
          select e.action, e.object, e.login, \(query: timeText) from platform.audit_entry as e
          where e.audit_entry_id = \(entry)
          """, as: (String, String, String, String).self)
        return
          "link \(place), altered: entry \(entry) at link \(place) is not what was written: \(action) of \(object) by \(login) on \(time)"
      case .replaced(let place):
        return
          "link \(place), replaced: link \(place) has another digest than the one that was kept: the chain was written anew"
      case .cut(let place, let sentence): return "link \(place), cut: \(sentence)"
      case .unlinked(let sentence): return "inserted: \(sentence)"
      }
    }

    /// Where the link stands that a link follows on.
    private func origin(
      of place: Int64, _ previous: [UInt8], on connection: isolated Connection
    ) throws -> String {
      let other = try connection.value(
        "select pg_catalog.min(l.sequence_number) from platform.audit_link as l where l.digest = \(previous)",
        as: Int64?.self)
      return switch other {
      case .some(let other) where other >= place:
        "reordered: link \(place) follows on link \(other) by its digest: the links were put into another order"
      case .some(let other):
        "inserted: link \(place) follows on link \(other) by its digest: what stands between them was put in later"
      case .none:
        "deleted: link \(place) follows on a link that is not there: what stood before it was deleted or altered"
      }
    }

    /// Where the entry stands that was digested at a place.
    private func placeOfContent(
      _ wanted: [UInt8], at place: Int64, after reached: [UInt8],
      on connection: isolated Connection
    ) throws -> Int64? {
      var found: Int64?
      try connection.forEachRow(
        """
        select l.sequence_number, \(query: AuditTrail.content(at: "\(place)::bigint"))
        from platform.audit_link as l join platform.audit_entry as e on e.audit_entry_id = l.audit_entry_id
        where l.sequence_number <> \(place)
        order by l.sequence_number
        """
      ) { row in
        if found == nil, AuditTrail.digest(after: reached, of: row, column: 1) == wanted {
          found = try row.decode(0, as: Int64.self)
        }
      }
      return found
    }
  }
}
