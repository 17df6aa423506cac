import LibPQ

/// The keys of everything that a file may refer to, held in memory while it is read: looking a
/// number up here costs a hash, in SQL it would cost a join for every file.
struct KeyTables {
  /// An account's full key.
  struct AccountKey {
    let branch: Int32
    let account: Int64
  }

  /// A client's full key.
  struct ClientKey {
    let branch: Int32
    let client: Int64
  }

  private(set) var branches: [String: Int32] = [:]
  private(set) var accounts: [String: AccountKey] = [:]
  private(set) var clients: [String: ClientKey] = [:]
  private(set) var holdings: [String: (account: AccountKey, client: ClientKey)] = [:]
  /// Numbers that several holdings bear, so that none of them can be meant.
  private(set) var ambiguousHoldings: Set<String> = []
  private(set) var employees: [String: Int32] = [:]
  private(set) var tiers: Set<String> = []

  /// Reads the keys that the columns of a dataset refer to.
  init(for dataset: Dataset, on connection: isolated Connection) throws {
    for column in dataset.columns {
      switch column.kind {
      case .branch:
        try connection.forEachRow(
          "select code, org_unit_id from bank.org_unit where level >= 'branch'",
          as: (String, Int32).self
        ) { code, key in branches[code] = key }
      case .account:
        try connection.forEachRow(
          "select number, branch_id, account_id from bank.account", as: (String, Int32, Int64).self
        ) { number, branch, account in
          accounts[number] = AccountKey(branch: branch, account: account)
        }
      case .client:
        try connection.forEachRow(
          "select number, branch_id, client_id from bank.client", as: (String, Int32, Int64).self
        ) { number, branch, client in
          clients[number] = ClientKey(branch: branch, client: client)
        }
      case .holding:
        try connection.forEachRow(
          """
          select number, branch_id, account_id, client_branch_id, client_id
          from bank.account_holder where number is not null
          """, as: (String, Int32, Int64, Int32, Int64).self
        ) { number, branch, account, clientBranch, client in
          let earlier = holdings.updateValue(
            (
              AccountKey(branch: branch, account: account),
              ClientKey(branch: clientBranch, client: client)
            ), forKey: number)
          if earlier != nil { ambiguousHoldings.insert(number) }
        }
      case .employee:
        try connection.forEachRow(
          "select number, employee_id from bank.employee", as: (String, Int32).self
        ) { number, key in employees[number] = key }
      case .tier:
        try connection.forEachRow("select code from bank.tier", as: String.self) { code in
          tiers.insert(code)
        }
      case .text, .amount, .positiveAmount, .balance, .share, .count, .date, .choice, .currency,
        .parentUnit:
        break
      }
    }
  }
}
