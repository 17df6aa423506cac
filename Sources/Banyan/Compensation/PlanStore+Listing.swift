import CompensationEngine
import Documents
import Exchange
import Foundation
import LibPQ
import Quantities

extension PlanStore {
  /// The plans on record, each version on a row, with whether it may pay.
  public static func listing(
    code: String? = nil, on connection: isolated Connection
  ) throws -> Listing {
    try Listing(
      [
        Column("code"), Column("version", .integer), Column("title"),
        Column("currency"), Column("effective_from", .date),
        Column("effective_until", .date), Column("state"), Column("loaded_by"),
        Column("runs", .integer),
      ],
      """
      select p.code, p.version::bigint, p.title, p.currency, p.effective_from, p.effective_until,
        case when a.plan_id is not null then 'active'
          when bank.open_approval('plan_activation', p.plan_id::text) is not null
            then 'waits for approval ' || bank.open_approval('plan_activation', p.plan_id::text)
          else 'not active' end,
        p.loaded_by, (select count(*) from bank.pay_run as r where r.plan_id = p.plan_id)
      from bank.plan as p
      left join bank.plan_activation as a using (plan_id)
      where \(code)::text is null or p.code = \(code)
      order by p.code, p.version
      """, on: connection)
  }

  /// The text of a version of a plan, as it was loaded.
  public static func document(
    _ name: String, on connection: isolated Connection
  ) throws -> String {
    try version(named: name, on: connection).document
  }

  /// Lets a version of a plan pay, or proposes that where a rule asks for a second person.
  ///
  /// - Returns: The number of the approval it waits for; nil if it may pay.
  public static func activate(
    _ name: String, on connection: isolated Connection
  ) throws -> Int64? {
    let id = try version(named: name, on: connection).id
    return try connection.explainingRefusals { connection in
      try connection.value("select bank.activate_plan(\(id))", as: Int64?.self)
    }
  }

  /// A version on record by `CODE` (the latest) or `CODE:VERSION`.
  static func version(
    named name: String, on connection: isolated Connection
  ) throws -> (id: Int32, document: String, label: String) {
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    let number = parts.count == 2 ? Int32(parts[1]) : nil
    guard parts.count == 1 || number != nil, let code = parts.first else {
      throw BanyanError.usage(
        "“\(name)” names no plan; write CODE or CODE:VERSION, such as demo-2026:2")
    }
    guard
      let (id, version, document) = try connection.optionalRow(
        """
        select plan_id, version, document from bank.plan
        where code = \(code) and (\(number)::integer is null or version = \(number))
        order by version desc limit 1
        """, as: (Int32, Int, String).self)
    else {
      throw BanyanError.usage(
        "there is no plan “\(name)” on record; `banyan plan list` shows those there are")
    }
    return (id, document, "\(code) version \(version)")
  }
}

/// What two plans say differently, place by place.
public struct PlanDifference: Sendable {
  /// One place.
  public struct Place: Sendable {
    /// Where, such as `components[deposits].price`.
    public let path: String
    /// What the first plan says; nil if it says nothing there.
    public let before: String?
    /// What the second one says.
    public let after: String?
  }

  /// The places, in the order of their paths.
  public let places: [Place]

  /// Compares two documents.
  init(_ before: String, _ after: String) throws {
    let first = try Self.leaves(of: before)
    let second = try Self.leaves(of: after)
    places = Set(first.keys).union(second.keys).sorted().compactMap { path in
      first[path] == second[path]
        ? nil : Place(path: path, before: first[path], after: second[path])
    }
  }

  private static func leaves(of document: String) throws -> [String: String] {
    let leaves = try Document.read(yaml: document, kind: "plan", meanings: [:]) { $0.leaves }
    return Dictionary(leaves.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
  }

  /// A table of the places.
  public var listing: Listing {
    Listing(
      columns: [Column("place"), Column("before"), Column("after")],
      rows: places.map {
        [.text($0.path), $0.before.map { .text($0) } ?? .null, $0.after.map { .text($0) } ?? .null]
      })
  }

  /// Compares two plans, each a file or a version on record.
  public init(
    between first: String, and second: String, on connection: isolated Connection
  ) throws {
    func text(_ name: String) throws -> String {
      if let document = try? String(contentsOfFile: name, encoding: .utf8) { return document }
      return try PlanStore.document(name, on: connection)
    }
    try self.init(text(first), text(second))
  }
}
