import CLibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a session knows of the types that were made in its database: they are looked up by name, or
/// by the object id of a column, once, and forgotten when a definition changes.
@usableFromInline
final class TypeCatalogue {
  /// A type of the database.
  struct Entry {
    let type: PostgresType
    /// For an array the type of its elements.
    let element: PostgresType?
    /// For a domain the type under it, however many domains lie between; else the type itself.
    let base: PostgresType
    /// For a composite type its attributes in their order.
    let attributes: [(name: String, type: PostgresType)]
  }

  private(set) var entries: [PostgresType: Entry] = [:]
  private var names: [Identifier: PostgresType] = [:]

  /// The entry of a type that was looked up.
  subscript(_ type: PostgresType) -> Entry? { entries[type] }

  /// The entry of a type that was looked up by its name.
  subscript(_ name: Identifier) -> Entry? { names[name].flatMap { entries[$0] } }

  func add(_ entry: Entry) { entries[entry.type] = entry }
  func name(_ type: PostgresType, _ name: Identifier) { names[name] = type }

  func forgetAll() {
    entries.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
  }

  /// The type whose binary form values of a type have: for a domain the one under it.
  func base(of type: PostgresType) -> PostgresType { entries[type]?.base ?? type }
}

extension TypeCatalogue {
  /// The key under which a connection's thread keeps the catalogue of its session.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { (catalogue: UnsafeMutableRawPointer?) in
      if let catalogue { Unmanaged<TypeCatalogue>.fromOpaque(catalogue).release() }
    }
    return key
  }()

  /// The catalogue of the connection whose thread this is. Decoders find it here, and not in every
  /// cell, because only values within values need it: the elements of arrays and the fields of
  /// composites bear the numbers of domains, where a column bears that of the type under it.
  static var ofThisThread: TypeCatalogue? {
    pthread_getspecific(key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  /// Makes this the catalogue of the present thread, for as long as the thread lives.
  func takeThread() {
    Self.ofThisThread.map { Unmanaged.passUnretained($0).release() }
    pthread_setspecific(Self.key, Unmanaged.passRetained(self).toOpaque())
  }
}

extension PostgresType {
  /// For a domain that this connection has learnt the type under it; else the type itself.
  var base: PostgresType {
    isUserDefined ? TypeCatalogue.ofThisThread?.base(of: self) ?? self : self
  }
}

extension Session {
  /// Looks types up by their names, unless they are known.
  func learn(_ names: [Identifier]) throws(PostgresError) {
    let unknown = names.filter { catalogue[$0] == nil }
    if unknown.isEmpty { return }
    var found: [(Identifier, PostgresType)] = []
    // An answer without the type would be an error of the server, and fail the transaction.
    let query: Query = """
      SELECT coalesce(pg_catalog.to_regtype(name)::oid, 0)
      FROM unnest(\(unknown.map(\.quoted))::text[]) WITH ORDINALITY AS wanted (name, place)
      ORDER BY place
      """
    try streamOnce(query.labelled("types by name"), cached: false) {
      (result, number) throws(PostgresError) in
      let oid = try decodeCell(result, 0, 0, number, as: UInt32.self)
      if oid == 0 {
        throw PostgresError(
          .usage,
          "the database has no type \(unknown[number - 1]); create it, or qualify its name with the "
            + "schema")
      }
      found.append((unknown[number - 1], PostgresType(oid: oid)))
      return true
    }
    try learn(found.map(\.1))
    for (name, type) in found { catalogue.name(type, name) }
  }

  /// Looks types up by their object ids, unless they are known, and the types that they consist of.
  func learn(_ types: [PostgresType]) throws(PostgresError) {
    var wanted = types.filter { catalogue[$0] == nil }
    while !wanted.isEmpty {
      var next: [PostgresType] = []
      let query: Query = """
        WITH RECURSIVE under (oid, base) AS (
          SELECT oid, oid FROM unnest(\(wanted.map(\.oid))) AS wanted (oid)
          UNION ALL
          SELECT under.oid, type.typbasetype
          FROM under JOIN pg_catalog.pg_type AS type ON type.oid = under.base
          WHERE type.typtype = 'd'
        ),
        base AS (
          SELECT under.oid, under.base
          FROM under JOIN pg_catalog.pg_type AS type ON type.oid = under.base
          WHERE type.typtype <> 'd'
        )
        SELECT type.oid,
          CASE WHEN type.typcategory = 'A' THEN type.typelem END, base.base,
          ARRAY(
            SELECT attname::text FROM pg_catalog.pg_attribute
            WHERE attrelid = type.typrelid AND type.typtype = 'c' AND attnum > 0
              AND NOT attisdropped
            ORDER BY attnum),
          ARRAY(
            SELECT atttypid FROM pg_catalog.pg_attribute
            WHERE attrelid = type.typrelid AND type.typtype = 'c' AND attnum > 0
              AND NOT attisdropped
            ORDER BY attnum)
        FROM pg_catalog.pg_type AS type JOIN base ON base.oid = type.oid
        """
      try streamOnce(query.labelled("types of the database"), cached: false) {
        (result, number) throws(PostgresError) in
        let row = try decodeTuple(
          result, 0, number, as: (UInt32, UInt32?, UInt32, [String], [UInt32]).self)
        let attributes = zip(row.3, row.4.map { PostgresType(oid: $0) })
        catalogue.add(
          TypeCatalogue.Entry(
            type: PostgresType(oid: row.0), element: row.1.map { PostgresType(oid: $0) },
            base: PostgresType(oid: row.2), attributes: attributes.map { (name: $0.0, type: $0.1) })
        )
        let parts =
          attributes.map(\.1) + [row.1, row.2].compactMap { $0.map { PostgresType(oid: $0) } }
        next += parts.filter(\.isUserDefined)
        return true
      }
      // What the database does not know any more stays unknown.
      wanted = Set(next).filter { catalogue[$0] == nil }.subtracting(wanted).map { $0 }
    }
  }

  /// The query with the object ids of the named types of its parameters, which may have to be looked
  /// up first, and with the values whose form depends on them.
  func resolved(_ query: Query) throws(PostgresError) -> Query {
    if query.namedTypes.isEmpty { return query }
    do throws(PostgresError) {
      if PQpipelineStatus(connection) != PQ_PIPELINE_OFF {
        for name in query.namedTypes where catalogue[name] == nil {
          throw PostgresError(
            .usage,
            "the type \(name) is not known to this connection yet, and a pipeline cannot look it up; "
              + "call learnTypes(\"\(name)\") before it")
        }
        return try query.resolved(by: catalogue)
      }
      try learn(query.namedTypes)
      do throws(PostgresError) {
        return try query.resolved(by: catalogue)
      } catch {
        // Another session may have altered the types since.
        catalogue.forgetAll()
        try learn(query.namedTypes)
        return try query.resolved(by: catalogue)
      }
    } catch {
      throw error.labelled(query)
    }
  }
}

extension Connection {
  /// Looks up types of the database by their names, as the first use of each as a parameter does by
  /// itself. Types that a pipeline uses first must be looked up before it, and so must those whose
  /// values hold domains, to be decoded: `learnTypes("amount")` lets an array of that domain over
  /// numeric become `[ExactDecimal]`.
  public func learnTypes(_ names: Identifier...) throws(PostgresError) {
    try live().learn(names)
  }
}
