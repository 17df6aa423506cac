import LibPQ

extension Overlay {
  /// Makes up managers, assignments and tiers from what is on record, as a batch of its own. With
  /// nothing new on record since the last time, nothing happens.
  func run(on connection: isolated Connection) throws -> BatchResult {
    try connection.transaction { connection in
      try connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('import of overlay', 0))")
      // What the overlay makes depends on its text and on all that was loaded before it.
      let lastBatch = try connection.value(
        "select coalesce(max(batch_id), 0) from bank.batch where state = 'loaded' and dataset <> 'overlay'",
        as: Int64.self)
      let content = Digest.of("\(hexadecimal(digest)) after batch \(lastBatch)")
      if let (earlier, rows) = try connection.optionalRow(
        """
        select batch_id, rows_read from bank.batch
        where dataset = 'overlay' and content_digest = \(content) and state = 'loaded'
        """, as: (Int64, Int).self)
      {
        return BatchResult(
          fileName: "overlay.yaml", dataset: "overlay", batch: earlier, outcome: .unchanged,
          read: rows, unchanged: rows)
      }
      let batch = try connection.value(
        """
        insert into bank.batch
          (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
        values ('overlay', 'overlay.yaml', \(content), 'overlay.yaml', \(digest), 'loaded')
        returning batch_id
        """, as: Int64.self)
      let (managers, assignments) = try connection.row(
        """
        select managers, assignments
        from bank.make_up_managers(\(batch), \(Int32(accountsPerManager)), \(numberPattern), \(since))
        """, as: (Int, Int).self)
      // The statistics must know the new assignments before the review joins them.
      try connection.execute("analyze bank.assignment")
      try connection.execute("analyze bank.account_month")
      let tierRecords = try connection.value(
        """
        select bank.review_tiers(\(batch), \(since), \(Int32(reviewMonths)),
          jsonb_agg(jsonb_build_object('tier', threshold.tier, 'from', threshold.floor)))
        from unnest(\(thresholds.map(\.tier))::text[], \(thresholds.map(\.from))::numeric[]) as threshold (tier, floor)
        """, as: Int.self)
      let made = managers + assignments + tierRecords
      try connection.execute(
        """
        update bank.batch set rows_read = \(made), rows_loaded = \(made) where batch_id = \(batch)
        """)
      var result = BatchResult(
        fileName: "overlay.yaml", dataset: "overlay", batch: batch, outcome: .loaded, read: made,
        loaded: made)
      result.grownTables = ["employee", "employee_tier", "assignment"]
      return result
    }
  }
}
