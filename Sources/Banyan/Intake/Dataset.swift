/// One kind of rows that the platform takes in, described as data: its columns, what identifies a
/// row, and the table that it ends up in. One importer serves all of them.
public struct Dataset: Sendable {
  /// Name in mappings and batches, such as `transactions`.
  public let name: String
  /// What one row is, for messages: `transaction`.
  public let singular: String
  /// Table of schema `bank` that the rows end up in.
  let table: String
  /// The columns that a mapping fills, in the order of the staging table.
  public let columns: [DatasetColumn]
  /// Staging columns that together identify a row.
  let key: [String]
  /// SQL function that inserts the staged rows in its own way instead of the general one; it is
  /// called with the batch and returns how many rows it placed.
  var placement: String?
  /// Whether the rows are orders, and who carries them out, instead of a placement.
  var orders: Orders?
  /// Whether rows are compared with each other and with those on record; otherwise the placement
  /// finds out what is new.
  var isCompared = true
  /// Whether rows of the table are superseded, so that only those that count are compared.
  var isSuperseded = false
  /// The dataset that brings corrections of rows on record; nil if there is none.
  var correction: String?
  /// Datasets whose rows a row names by texts that are looked up in SQL.
  var looksUp: [String] = []
  /// SQL function to call before the rows are compared with those on record.
  var comparison: String?
  /// SQL function to call before the rows are inserted.
  var preparation: String?
  /// SQL function to call with the batch after the rows were inserted.
  var completion: String?
  /// Column whose range of days bounds the search for rows already on record, so that only the
  /// partitions of those days are read.
  var searchDay: String?
  /// Column whose day says in which month a row counts; nil for rows that count in no one month.
  var monthDay: String?
  /// How the rows are filed by month; nil where all of them are staged.
  var filing: MonthlyFiling?
  /// Whether rows hold what only few may read. Of such rows nothing is kept in quarantine but the
  /// line and the reason, and they are not compared with those on record, which are sealed: the
  /// placement does that.
  var isConfidential = false

  /// Rows that are orders: an SQL function carries out each, which is a row or all rows that share the
  /// value of a column.
  struct Orders: Sendable {
    /// The function; it gets the rows and the batch and says whether anything changed.
    let verb: String
    /// `line_number`, or the column whose value makes rows one order.
    let column: String
  }

  /// A column of the dataset.
  public func column(_ name: String) -> DatasetColumn? {
    columns.first { $0.name == name }
  }

  /// Staging columns of the key that may hold no value.
  var openKey: Set<String> {
    Set(
      columns.filter { !$0.isRequired && !$0.isZeroForNone && $0.standing == nil }
        .flatMap(\.stagingColumns).map(\.name)
    ).intersection(key)
  }

  /// How two rows have the same key, as SQL.
  func sameKey(_ left: String, _ right: String) -> [String] {
    key.map { name in
      "\(left).\(name) \(openKey.contains(name) ? "is not distinct from" : "=") \(right).\(name)"
    }
  }

  /// The columns of the staging table.
  var stagingColumns: [StagingColumn] { columns.flatMap(\.stagingColumns) }

  /// The staging columns that the target table has too.
  var tableColumns: [StagingColumn] { stagingColumns.filter { $0.onRecord == nil } }
}

extension Dataset {
  /// The datasets whose rows a row of this one may name.
  var datasetsReferredTo: [String] {
    looksUp
      + columns.compactMap { column in
        switch column.kind {
        case .branch, .unit, .parentUnit: "org_units"
        case .account: "accounts"
        case .client, .ownClient: "clients"
        case .holding: "holders"
        case .employee, .colleague: "employees"
        case .metric: "metrics"
        case .product: "products"
        case .loan: "loans"
        case .text, .amount, .positiveAmount, .balance, .share, .count, .number, .date, .choice,
          .currency, .tier, .postKind, .productLine:
          nil
        }
      }
  }
}

/// A column that a mapping fills.
public struct DatasetColumn: Sendable {
  /// What values a column takes and how they are checked.
  public enum Kind: Sendable {
    /// Any text up to a number of characters.
    case text(limit: Int)
    /// An amount of the bank's currency that is not negative.
    case amount
    /// An amount of the bank's currency above zero.
    case positiveAmount
    /// An amount of the bank's currency with any sign.
    case balance
    /// A fraction above 0 and up to 1.
    case share
    /// A whole number above zero.
    case count
    /// A number with any sign.
    case number
    /// A day.
    case date
    /// One of a few words, which are the labels of a PostgreSQL enum type.
    case choice(of: [String], type: String)
    /// A currency code.
    case currency
    /// The code of an org unit where rows can be booked: a branch or below.
    case branch
    /// The code of any org unit.
    case unit
    /// The number of an account; the row takes its branch.
    case account
    /// The number of a client.
    case client
    /// The number of a client; the row takes its branch.
    case ownClient
    /// The number of a holding of an account.
    case holding
    /// The number of an employee.
    case employee
    /// The number of another employee, kept in a column of the given name.
    case colleague(String)
    /// The code of a tier.
    case tier
    /// The code of a kind of post.
    case postKind
    /// The code of a product line.
    case productLine
    /// The code of a free metric that facts are booked under.
    case metric
    /// The code of a product.
    case product
    /// The number of a loan; the row takes its branch.
    case loan
    /// The code of the unit above, which may stand in the same file.
    case parentUnit
  }

  /// Name in mappings.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// Whether a row without it is refused.
  public let isRequired: Bool
  /// What the target table, as `t`, has on record instead of a column of this name; nil where it has
  /// one.
  let onRecord: String?
  /// The word that a row without a value has; nil if it has none then.
  let standing: String?
  /// Whether a row without a value has zero, or an empty text, instead of null: in the key of a big table.
  let isZeroForNone: Bool

  init(
    _ name: String, _ kind: Kind, required: Bool = true, onRecord: String? = nil,
    standing: String? = nil, isZeroForNone: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.isRequired = required
    self.onRecord = onRecord
    self.standing = standing
    self.isZeroForNone = isZeroForNone
  }

  /// The columns of the staging table that hold it; references become the keys of what they name.
  var stagingColumns: [StagingColumn] {
    switch kind {
    case .text, .currency: [StagingColumn(name, "text", onRecord: onRecord)]
    case .amount, .positiveAmount, .balance, .share, .number:
      [StagingColumn(name, "numeric", onRecord: onRecord)]
    case .count: [StagingColumn(name, "integer", onRecord: onRecord)]
    case .date: [StagingColumn(name, "date", onRecord: onRecord)]
    case .choice(_, let type):
      [StagingColumn(name, "text", tableType: type, onRecord: onRecord)]
    case .unit: [StagingColumn("org_unit_id", "integer", onRecord: onRecord)]
    case .colleague(let column): [StagingColumn(column, "integer", onRecord: onRecord)]
    case .postKind, .productLine: [StagingColumn(name, "text", onRecord: onRecord)]
    case .branch: [StagingColumn("branch_id", "integer")]
    case .account: [StagingColumn("branch_id", "integer"), StagingColumn("account_id", "bigint")]
    case .client:
      [StagingColumn("client_branch_id", "integer"), StagingColumn("client_id", "bigint")]
    case .ownClient: [StagingColumn("branch_id", "integer"), StagingColumn("client_id", "bigint")]
    case .holding:
      [
        StagingColumn("branch_id", "integer"), StagingColumn("account_id", "bigint"),
        StagingColumn("client_branch_id", "integer"), StagingColumn("client_id", "bigint"),
      ]
    case .employee: [StagingColumn("employee_id", "integer")]
    case .tier: [StagingColumn(name, "text")]
    case .metric: [StagingColumn("metric_id", "integer")]
    case .product: [StagingColumn("product_id", "integer")]
    case .loan: [StagingColumn("branch_id", "integer"), StagingColumn("loan_id", "bigint")]
    case .parentUnit:
      [
        StagingColumn(
          name, "text",
          onRecord: "(select p.code from bank.org_unit as p where p.org_unit_id = t.parent_id)")
      ]
    }
  }
}

/// A column of the temporary table that a file's good rows are copied to.
struct StagingColumn: Hashable, Sendable {
  let name: String
  /// PostgreSQL type in the staging table.
  let type: String
  /// PostgreSQL type in the target table, where it is another.
  let tableType: String?
  /// What the target table, as `t`, has on record instead of such a column; nil where it has one.
  let onRecord: String?

  init(_ name: String, _ type: String, tableType: String? = nil, onRecord: String? = nil) {
    self.name = name
    self.type = type
    self.tableType = tableType
    self.onRecord = onRecord
  }
}
