/// The words of a made-up bank's files: English ones are canonical, and branches that send GB 18030
/// use the Chinese ones.
public enum SampleVocabulary {
  /// The datasets that a branch sends, with the canonical and the Chinese name of each column.
  public static let headers: [(dataset: String, columns: [(english: String, chinese: String)])] = [
    ("clients", clients), ("accounts", accounts), ("holders", holders),
    ("assignments", assignments), ("loans", loans), ("transactions", transactions),
  ]

  /// The words that stand for values, by column.
  public static let values: [(column: String, words: [(english: String, chinese: String)])] = [
    ("clients.kind", ClientWord.allCases.map { ($0.rawValue, $0.chinese) }),
    ("accounts.kind", AccountWord.allCases.map { ($0.rawValue, $0.chinese) }),
    ("holders.role", RoleWord.allCases.map { ($0.rawValue, $0.chinese) }),
    ("loans.status", StatusWord.allCases.map { ($0.rawValue, $0.chinese) }),
    ("transactions.direction", DirectionWord.allCases.map { ($0.rawValue, $0.chinese) }),
    ("transactions.purpose", PurposeWord.allCases.map { ($0.rawValue, $0.chinese) }),
  ]

  static let clients = [
    ("number", "客户号"), ("name", "客户名称"), ("kind", "客户类型"), ("branch_code", "机构号"),
    ("identity_number", "证件号码"),
  ]
  static let accounts = [
    ("number", "账号"), ("branch_code", "机构号"), ("kind", "账户类型"), ("currency", "币种"),
    ("opened_on", "开户日期"),
  ]
  static let holders = [("account_number", "账号"), ("client_number", "客户号"), ("role", "持有人角色")]
  static let assignments = [
    ("account_number", "账号"), ("employee_number", "工号"), ("share", "份额"),
    ("effective_from", "生效日期"),
  ]
  static let loans = [
    ("number", "借据号"), ("account_number", "账号"), ("granted_on", "发放日期"), ("amount", "金额"),
    ("term_months", "期限"), ("monthly_payment", "月还款额"), ("status", "状态"),
  ]
  static let transactions = [
    ("number", "编号"), ("account_number", "账号"), ("booked_on", "日期"), ("direction", "借贷"),
    ("amount", "金额"), ("purpose", "用途"), ("reported_balance", "余额"),
  ]
}

/// A word that a file writes in the language of its branch.
protocol SampleWord: RawRepresentable<String>, Sendable {
  var chinese: String { get }
}

enum ClientWord: String, SampleWord, CaseIterable {
  case person, company

  var chinese: String { self == .person ? "个人" : "公司" }
}

enum AccountWord: String, SampleWord, CaseIterable {
  case demand, time, call

  var chinese: String {
    switch self {
    case .demand: "活期"
    case .time: "定期"
    case .call: "通知"
    }
  }
}

enum RoleWord: String, SampleWord, CaseIterable {
  case owner, joint

  var chinese: String { self == .owner ? "户主" : "共有人" }
}

enum StatusWord: String, SampleWord, CaseIterable {
  case finished, unpaid, running, overdue

  var chinese: String {
    switch self {
    case .finished: "结清"
    case .unpaid: "到期未还"
    case .running: "正常"
    case .overdue: "逾期"
    }
  }
}

enum DirectionWord: String, SampleWord, CaseIterable {
  case credit, debit

  var chinese: String { self == .credit ? "贷" : "借" }
}

enum PurposeWord: String, SampleWord, CaseIterable {
  case balanceBroughtForward = "balance_brought_forward"
  case openingDeposit = "opening_deposit"
  case deposit
  case withdrawal
  case salary
  case household
  case insurance
  case transfer
  case salesReceipt = "sales_receipt"
  case supplierPayment = "supplier_payment"
  case payroll
  case tax
  case loanGranted = "loan_granted"
  case loanPayment = "loan_payment"
  case penaltyInterest = "penalty_interest"
  case interestCredited = "interest_credited"
  case statementFee = "statement_fee"

  var chinese: String {
    switch self {
    case .balanceBroughtForward: "余额结转"
    case .openingDeposit: "开户存入"
    case .deposit: "存入"
    case .withdrawal: "支取"
    case .salary: "工资"
    case .household: "生活支出"
    case .insurance: "保险费"
    case .transfer: "转账"
    case .salesReceipt: "货款收入"
    case .supplierPayment: "货款支付"
    case .payroll: "代发工资"
    case .tax: "税款"
    case .loanGranted: "贷款发放"
    case .loanPayment: "贷款还款"
    case .penaltyInterest: "罚息"
    case .interestCredited: "利息"
    case .statementFee: "账户管理费"
    }
  }
}
