import LibPQ

/// The triggers and foreign keys of a bank, which are put aside while its tables are filled: the rows were
/// judged and recorded where they come from. The foreign keys are checked again when they come back, for whole
/// tables at once.
struct SuspendedRules {
  private let suspending: [String]
  private let restoring: [String]

  /// Learns what there is to be put aside.
  init(on connection: isolated Connection) throws {
    let triggers = try connection.rows(
      """
      select format('alter table %s %s', g.tgrelid::regclass, string_agg(format('disable trigger %I', g.tgname), ', ')),
        format('alter table %s %s', g.tgrelid::regclass, string_agg(format('%s trigger %I',
          case g.tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' else 'enable' end,
          g.tgname), ', '))
      from pg_trigger as g
      join pg_class as c on c.oid = g.tgrelid
      where c.relnamespace in ('bank'::regnamespace, 'platform'::regnamespace)
        and not g.tgisinternal and g.tgparentid = 0 and g.tgenabled <> 'D'
      group by g.tgrelid
      """, as: (String, String).self)
    let keys = try connection.rows(
      """
      select format('alter table %s %s', k.conrelid::regclass, string_agg(format('drop constraint %I', k.conname), ', ')),
        format('alter table %s %s', k.conrelid::regclass, string_agg(
          format('add constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), ', '))
      from pg_constraint as k
      where k.connamespace in ('bank'::regnamespace, 'platform'::regnamespace) and k.contype = 'f' and k.conparentid = 0
      group by k.conrelid
      """, as: (String, String).self)
    let comments = try connection.rows(
      """
      select format('comment on constraint %I on %s is %L', k.conname, k.conrelid::regclass, d.description)
      from pg_constraint as k
      join pg_description as d on d.objoid = k.oid and d.classoid = 'pg_constraint'::regclass
      where k.connamespace in ('bank'::regnamespace, 'platform'::regnamespace) and k.contype = 'f' and k.conparentid = 0
      """, as: String.self)
    suspending = triggers.map(\.0) + keys.map(\.0)
    restoring = keys.map(\.1) + comments + triggers.map(\.1)
  }

  /// Puts them aside.
  func suspend(on connection: isolated Connection) throws {
    for statement in suspending { try connection.execute(Query(unsafeSQL: statement)) }
  }

  /// Puts them back as they were.
  ///
  /// - Throws: `PostgresError` that names a foreign key which the rows break.
  func restore(on connection: isolated Connection) throws {
    for statement in restoring { try connection.execute(Query(unsafeSQL: statement)) }
  }
}
