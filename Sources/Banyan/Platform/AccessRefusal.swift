import LibPQ

/// What the database says when a login lacks a right, as one sentence: who acts, what is lacking, and
/// who can give it.
public enum AccessRefusal {
  /// Refuses a login that cannot use the platform at all: no grant was ever given to it, or none is in
  /// force today. Without this check the policies would show it an empty bank.
  ///
  /// - Throws: ``BanyanError`` with a refusal.
  public static func requireAccess(on connection: isolated Connection) throws {
    let (login, isInstalled, mayEnter) = try connection.row(
      """
      select session_user::text, n.oid is not null, coalesce(has_schema_privilege(n.oid, 'usage'), true)
      from (select 1) as one left join pg_namespace as n on n.nspname = 'platform'
      """, as: (String, Bool, Bool).self)
    guard isInstalled else { return }
    guard mayEnter else {
      throw BanyanError.refusal(
        "the login “\(login)” has no access to this bank; ask an access officer for a grant (`banyan access grant \(login) ROLE`)"
      )
    }
    let knowsGrants = try connection.value(
      "select to_regprocedure('bank.acts()') is not null", as: Bool.self)
    guard knowsGrants, try connection.isUnderPolicies(Identifier("platform", "applied_file")) else {
      return
    }
    if try !connection.value("select bank.acts()", as: Bool.self) {
      throw BanyanError.refusal(
        "the login “\(login)” holds no grant that is in force today; ask an access officer for one (`banyan access list --login \(login)` shows those on record)"
      )
    }
  }

  /// The sentence of an error of the server that says that a right is lacking; nil for other errors.
  public static func sentence(_ error: PostgresError, login: String?) -> String? {
    guard error.kind == .server, error.sqlState == .insufficientPrivilege else { return nil }
    if let hint = error.hint {
      let advice = hint.prefix(1).lowercased() + hint.dropFirst()
      return "\(error.message); \(advice.hasSuffix(".") ? String(advice.dropLast()) : advice)"
    }
    let who = login.map { "the login “\($0)”" } ?? "this login"
    return
      "\(who) may not do this: \(error.message); ask an access officer for a role that may (`banyan access list` shows who holds what)"
  }
}
