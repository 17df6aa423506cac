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
    ("clients.kind", ClientWord.allCases.map(\.spelled)),
    ("accounts.kind", AccountWord.allCases.map(\.spelled)),
    ("holders.role", RoleWord.allCases.map(\.spelled)),
    ("loans.status", StatusWord.allCases.map(\.spelled)),
    ("transactions.direction", DirectionWord.allCases.map(\.spelled)),
    ("transactions.purpose", PurposeWord.allCases.map(\.spelled)),
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

/// A word that a file writes in the language of its branch. Its raw value is its place among the
/// words of its kind.
protocol SampleWord: RawRepresentable<Int>, CaseIterable, Sendable {
  var spelled: (english: String, chinese: String) { get }
}

enum ClientWord: Int, SampleWord {
  case person, company

  var spelled: (english: String, chinese: String) {
    switch self {
    case .person: ("person", "个人")
    case .company: ("company", "公司")
    }
  }
}

enum AccountWord: Int, SampleWord {
  case demand, time, call

  var spelled: (english: String, chinese: String) {
    switch self {
    case .demand: ("demand", "活期")
    case .time: ("time", "定期")
    case .call: ("call", "通知")
    }
  }
}

enum RoleWord: Int, SampleWord {
  case owner, joint

  var spelled: (english: String, chinese: String) {
    switch self {
    case .owner: ("owner", "户主")
    case .joint: ("joint", "共有人")
    }
  }
}

enum StatusWord: Int, SampleWord {
  case finished, unpaid, running, overdue

  var spelled: (english: String, chinese: String) {
    switch self {
    case .finished: ("finished", "结清")
    case .unpaid: ("unpaid", "到期未还")
    case .running: ("running", "正常")
    case .overdue: ("overdue", "逾期")
    }
  }
}

enum DirectionWord: Int, SampleWord {
  case credit, debit

  var spelled: (english: String, chinese: String) {
    switch self {
    case .credit: ("credit", "贷")
    case .debit: ("debit", "借")
    }
  }
}

enum PurposeWord: Int, SampleWord {
  case balanceBroughtForward
  case openingDeposit
  case deposit
  case withdrawal
  case salary
  case household
  case insurance
  case transfer
  case salesReceipt
  case supplierPayment
  case payroll
  case tax
  case loanGranted
  case loanPayment
  case penaltyInterest
  case interestCredited
  case statementFee

  var spelled: (english: String, chinese: String) {
    switch self {
    case .balanceBroughtForward: ("balance_brought_forward", "余额结转")
    case .openingDeposit: ("opening_deposit", "开户存入")
    case .deposit: ("deposit", "存入")
    case .withdrawal: ("withdrawal", "支取")
    case .salary: ("salary", "工资")
    case .household: ("household", "生活支出")
    case .insurance: ("insurance", "保险费")
    case .transfer: ("transfer", "转账")
    case .salesReceipt: ("sales_receipt", "货款收入")
    case .supplierPayment: ("supplier_payment", "货款支付")
    case .payroll: ("payroll", "代发工资")
    case .tax: ("tax", "税款")
    case .loanGranted: ("loan_granted", "贷款发放")
    case .loanPayment: ("loan_payment", "贷款还款")
    case .penaltyInterest: ("penalty_interest", "罚息")
    case .interestCredited: ("interest_credited", "利息")
    case .statementFee: ("statement_fee", "账户管理费")
    }
  }
}
