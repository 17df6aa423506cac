import Banyan

/// A bank of two branches that fits on a screen: what it sends, and the mapping that describes it.
/// Tests change a file and see what becomes of it.
public struct TinyBank: Sendable {
  /// The files that the bank sends, by name.
  public var files: [String: [UInt8]] = [:]
  /// The files of the mapping's folder, by name.
  public var mappings: [String: String] = [:]

  /// The bank as it should be: everything in it is sound.
  public init() {
    for (name, text) in Self.soundFiles { files[name] = Array(text.utf8) }
    for dataset in Dataset.standard {
      guard let text = Self.soundFiles[dataset.name + ".csv"] else { continue }
      mappings[dataset.name + ".yaml"] = Self.mapping(of: dataset, for: text)
    }
    mappings["bank.yaml"] = Self.bank
    mappings["plans/plan.yaml"] = Self.plan
  }

  /// The same bank with a file of another dataset, and the mapping that takes the columns that it has.
  public func sending(_ dataset: Dataset, _ text: String) -> TinyBank {
    var bank = with(dataset.name + ".csv", text)
    bank.mappings[dataset.name + ".yaml"] = Self.mapping(of: dataset, for: text)
    return bank
  }

  private static func mapping(of dataset: Dataset, for text: String) -> String {
    let header = Set(text.prefix { $0 != "\n" }.split(separator: ","))
    let columns = dataset.columns.filter { header.contains($0.name[...]) }
      .map { "  \($0.name): \($0.name)\n" }.joined()
    return """
      dataset: \(dataset.name)
      file: \(dataset.name).csv
      encoding: utf-8
      columns:
      \(columns)
      """
  }

  /// The same bank with another text for one file.
  public func with(_ file: String, _ text: String) -> TinyBank {
    with(file, bytes: Array(text.utf8))
  }

  /// The same bank with other bytes for one file.
  public func with(_ file: String, bytes: [UInt8]) -> TinyBank {
    var bank = self
    bank.files[file] = bytes
    return bank
  }

  /// The same bank with lines added to one file.
  public func adding(_ lines: String, to file: String) -> TinyBank {
    with(file, bytes: (files[file] ?? []) + Array(lines.utf8))
  }

  /// The same bank with a text of one mapping file replaced by another.
  public func replacing(_ text: String, by other: String, in mapping: String) -> TinyBank {
    var bank = self
    bank.mappings[mapping] = mappings[mapping]?.replacing(text, with: other)
    return bank
  }

  /// Writes everything: `files` and `mapping` below the folder that is returned.
  public func write() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: "files/" + name) }
    for (name, text) in mappings { try folder.write(text.utf8, to: "mapping/" + name) }
    return folder
  }

  /// The import of the bank. The files are needed until it has run, so the folder is the caller's.
  public func folderImport(from folder: TemporaryFolder) throws -> FolderImport {
    try FolderImport(
      folder: folder.path + "/files", mappings: MappingFolder(path: folder.path + "/mapping"))
  }

  private static let bank = """
    name: Tiny
    currency: CNY
    tiers:
      junior: Junior relationship manager
      senior: Senior relationship manager
    plans: [plans/plan.yaml]

    """

  private static let plan = """
    plan: tiny
    title: Pay of the tiny bank
    currency: CNY
    effective_from: 2026-01-01
    rounding: {places: 2, mode: half_up, level: line}
    components:
      - code: deposits
        title: Average deposits
        kind: unit_price
        metric: deposit_average_daily_balance
        price: 10.00
        per: 10000
        missing: zero
        negative: zero
    deferral: {share: 0.40, instalments: 3, spacing_months: 12, first_due_after_months: 12, due_day: last_day_of_month}

    """

  private static let soundFiles = [
    "org_units.csv": """
    code,name,level,parent_code,opened_on
    HQ,Tiny head office,head_office,,1990-01-01
    R1,North,region,HQ,1990-01-01
    B1,First branch,branch,R1,1991-01-01
    B2,Second branch,branch,R1,1992-01-01

    """,
    "employees.csv": """
    number,name,branch_code,joined_on
    E1,Ann,B1,2020-01-01
    E2,Ben,B1,2020-01-01
    E3,Cho,B2,2020-01-01

    """,
    "tiers.csv": """
    employee_number,tier,effective_from,effective_until
    E1,junior,2020-01-01,2026-02-01
    E1,senior,2026-02-01,
    E2,junior,2020-01-01,
    E3,senior,2020-01-01,

    """,
    "clients.csv": """
    number,name,kind,branch_code
    C1,One Ltd,company,B1
    C2,Two,person,B1
    C3,Three,person,B2

    """,
    "accounts.csv": """
    number,branch_code,kind,currency,opened_on,statement_frequency
    A1,B1,demand,CNY,2025-06-01,
    A2,B1,time,CNY,2026-01-10,monthly
    A3,B2,demand,CNY,2026-01-31,

    """,
    "holders.csv": """
    number,account_number,client_number,role
    H1,A1,C1,owner
    H2,A1,C2,joint
    H3,A2,C2,owner
    H4,A3,C3,owner

    """,
    "assignments.csv": """
    account_number,employee_number,share,effective_from,effective_until
    A1,E1,0.7,2026-01-01,
    A1,E2,0.3,2026-01-01,
    A2,E2,1,2026-01-10,
    A3,E3,1,2026-01-31,

    """,
    "loans.csv": """
    number,account_number,granted_on,amount,term_months,monthly_payment,status
    L1,A1,2026-01-15,120000.00,12,10000.00,running

    """,
    "transactions.csv": """
    number,account_number,booked_on,direction,amount,operation,purpose,reported_balance,counterparty_bank,counterparty_account
    T1,A1,2025-12-31,credit,1000000.00,cash deposit,,1000000.00,,
    T2,A1,2026-01-16,debit,400000.50,transfer out,,599999.50,AB,123
    T3,A2,2026-01-10,credit,50000.00,transfer in,,50000.00,,
    T4,A3,2026-01-31,credit,31.01,cash deposit,,31.01,,

    """,
  ]
}
