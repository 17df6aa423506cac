import LibPQ
import Quantities

extension MappingFolder.Bank {
  /// Writes the bank, its tiers and its head office on record, or checks that they are the same.
  ///
  /// - Throws: ``BanyanError`` if the database holds another bank.
  func record(on connection: isolated Connection) throws {
    try connection.transaction { connection in
      try connection.execute(
        """
        insert into bank.institution (name, currency, minor_unit_digits)
        select \(name), \(currency.code), \(Int32(currency.minorUnitDigits))
        where not exists (select 1 from bank.institution)
        on conflict do nothing
        """)
      let known = try connection.row(
        "select name, currency from bank.institution", as: (String, String).self)
      if known != (name, currency.code) {
        throw BanyanError.data(
          "this database holds “\(known.0)” with books in \(known.1), not “\(name)” in \(currency.code); use another database for another bank"
        )
      }
      for (index, tier) in tiers.enumerated() {
        try connection.execute(
          """
          insert into bank.tier (code, rank, title)
          select \(tier.code), \(Int32(index + 1)), \(tier.title)
          where not exists (select 1 from bank.tier where code = \(tier.code))
          on conflict (code) do nothing
          """)
      }
      guard let headOffice else { return }
      // The key is drawn first, because the path holds it.
      try connection.execute(
        """
        insert into bank.org_unit (org_unit_id, code, name, level, path, opened_on)
        overriding system value
        select key, \(headOffice.code), \(name), 'head_office', key::text::ltree, \(headOffice.openedOn)
        from (
          select nextval(pg_get_serial_sequence('bank.org_unit', 'org_unit_id'))::integer as key
          where not exists (select 1 from bank.org_unit where code = \(headOffice.code))
        ) as drawn
        """)
    }
  }
}
