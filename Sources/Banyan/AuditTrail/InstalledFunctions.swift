import LibPQ

/// The functions that the installation's SQL files define, to compare with those that a database has:
/// who replaces one in the database alone can make its rules hold no more, or its trail keep silent.
struct InstalledFunctions {
  private static let beginning = "create or replace function bank."

  /// Bodies by the name of the function.
  private var bodies: [Substring: Set<Substring>] = [:]

  /// Reads them from the files that every migration applies again.
  init(files: InstalledFiles) throws {
    for file in try SchemaFile.all(in: files) where file.kind == .repeatable {
      for start in file.text.ranges(of: Self.beginning) {
        let rest = file.text[start.upperBound...]
        guard let bracket = rest.firstIndex(of: "("),
          let opening = rest.firstRange(of: "as $$"),
          let closing = rest[opening.upperBound...].firstRange(of: "$$;")
        else { continue }
        bodies[rest[..<bracket], default: []].insert(
          rest[opening.upperBound..<closing.lowerBound])
      }
    }
  }

  /// The functions of the platform's schema that are none of these, each in a sentence.
  func strangers(on connection: isolated Connection) throws -> [String] {
    try connection.rows(
      """
      select p.proname::text, pg_catalog.pg_get_function_identity_arguments(p.oid), p.prosrc
      from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'bank' and p.prokind in ('f', 'p')
      order by 1, 2
      """, as: (String, String, String).self
    ).filter { name, _, body in bodies[name[...]]?.contains(body[...]) != true }
      .map { name, arguments, _ in
        "function that is not as the installation has it: bank.\(name)(\(arguments))"
      }
  }
}
