import LibPQ

/// The keys of everything that a file may refer to, held in memory while it is read: looking a
/// number up here costs a hash of its bytes, in SQL it would cost a join for every file.
struct KeyTables {
  /// An account's full key.
  struct AccountKey: Sendable {
    let branch: Int32
    let account: Int64
  }

  /// A client's full key.
  struct ClientKey: Sendable {
    let branch: Int32
    let client: Int64
  }

  /// Who holds which account.
  struct Holding {
    let account: AccountKey
    let client: ClientKey
    /// Whether several holdings bear the number, so that none of them can be meant.
    let isAmbiguous: Bool
  }

  private(set) var branches = ByteKeyTable<Int32>()
  private(set) var accounts = ByteKeyTable<AccountKey>()
  private(set) var clients = ByteKeyTable<ClientKey>()
  private(set) var holdings = ByteKeyTable<Holding>()
  private(set) var employees = ByteKeyTable<Int32>()
  private(set) var tiers = ByteKeyTable<Void>()
  private(set) var units = ByteKeyTable<Int32>()
  private(set) var postKinds = ByteKeyTable<Void>()
  private(set) var productLines = ByteKeyTable<Void>()
  private(set) var metrics = ByteKeyTable<Int32>()
  private(set) var products = ByteKeyTable<Int32>()
  private(set) var loans = ByteKeyTable<(branch: Int32, loan: Int64)>()

  /// None.
  init() {}

  /// Reads the keys that the columns of a dataset refer to.
  init(for dataset: Dataset, on connection: isolated Connection) throws {
    for column in dataset.columns {
      switch column.kind {
      case .branch:
        try connection.forEachRow(
          "select code, org_unit_id from bank.org_unit where level >= 'branch'",
          as: (String, Int32).self
        ) { code, key in branches.insert(code, key) }
      case .account:
        try connection.forEachRow(
          "select number, branch_id, account_id from bank.account", as: (String, Int32, Int64).self
        ) { number, branch, account in
          accounts.insert(number, AccountKey(branch: branch, account: account))
        }
      case .client, .ownClient:
        try connection.forEachRow(
          "select number, branch_id, client_id from bank.client", as: (String, Int32, Int64).self
        ) { number, branch, client in
          clients.insert(number, ClientKey(branch: branch, client: client))
        }
      case .holding:
        try connection.forEachRow(
          """
          select number, branch_id, account_id, client_branch_id, client_id,
            count(*) over (partition by number) > 1
          from bank.account_holder where number is not null
          """, as: (String, Int32, Int64, Int32, Int64, Bool).self
        ) { number, branch, account, clientBranch, client, isAmbiguous in
          holdings.insert(
            number,
            Holding(
              account: AccountKey(branch: branch, account: account),
              client: ClientKey(branch: clientBranch, client: client), isAmbiguous: isAmbiguous))
        }
      case .unit:
        try connection.forEachRow(
          "select code, org_unit_id from bank.org_unit", as: (String, Int32).self
        ) { code, key in units.insert(code, key) }
      case .postKind:
        try connection.forEachRow("select kind from bank.post_kind", as: String.self) { kind in
          postKinds.insert(kind, ())
        }
      case .productLine:
        try connection.forEachRow("select code from bank.product_line", as: String.self) { code in
          productLines.insert(code, ())
        }
      case .employee, .colleague:
        try connection.forEachRow(
          "select number, employee_id from bank.employee", as: (String, Int32).self
        ) { number, key in employees.insert(number, key) }
      case .metric:
        try connection.forEachRow(
          "select code, metric_id from bank.metric where base_code is null",
          as: (String, Int32).self
        ) { code, key in metrics.insert(code, key) }
      case .product:
        try connection.forEachRow(
          "select code, product_id from bank.product", as: (String, Int32).self
        ) { code, key in products.insert(code, key) }
      case .loan:
        try connection.forEachRow(
          "select number, branch_id, loan_id from bank.loan", as: (String, Int32, Int64).self
        ) { number, branch, loan in loans.insert(number, (branch, loan)) }
      case .tier:
        try connection.forEachRow("select code from bank.tier", as: String.self) { code in
          tiers.insert(code, ())
        }
      case .text, .amount, .positiveAmount, .balance, .share, .count, .number, .date, .choice,
        .currency, .parentUnit:
        break
      }
    }
  }
}
