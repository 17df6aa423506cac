import Exchange
import Quantities

/// What happens on the accounts of a branch, day by day, so that a file is in the order of its days
/// and nothing but the accounts is held in memory.
extension SampleBranch {
  /// Writes the transactions of one month, which follows the one written before.
  mutating func writeMovements(
    _ month: Month, _ folder: String, _ numbering: inout SampleNumbering,
    _ summary: inout SampleSummary
  ) throws {
    // Taken out for the month, so that an account can change while the branch draws.
    var accounts: [SampleAccount] = []
    swap(&accounts, &self.accounts)
    defer { swap(&accounts, &self.accounts) }
    let file = try file("transactions-\(month)", SampleVocabulary.transactions, folder)
    var journal = SampleJournal(
      branch: self, file: file, numbering: numbering,
      due: month == bank.firstMonth ? firstMonthFaults : [])
    for number in 1...month.dayCount {
      let date = month.firstDay.adding(days: number - 1)
      journal.date = date
      for position in accounts.indices where accounts[position].openedOn <= date {
        try move(&accounts[position], on: date, day: number, of: month, &journal)
      }
    }
    try journal.finish()
    numbering = journal.numbering
    try file.finish(&summary)
  }

  /// The faults that head office sees in every bank, in the first month of some of its branches.
  private var firstMonthFaults: [SampleFault] {
    let places: [(SampleFault, Int)] = [
      (.unknownAccount, 0), (.tooManyDecimals, 1), (.duplicateNumber, 2), (.ragged, 3),
    ]
    let faults = places.filter { index == $0.1 % bank.branches }.map(\.0)
    return index == 1 ? faults + [.undecodableByte] : faults
  }

  /// All that happens on one account on one day.
  private mutating func move(
    _ account: inout SampleAccount, on date: CivilDate, day: Int, of month: Month,
    _ journal: inout SampleJournal
  ) throws {
    if date == account.openedOn {
      try journal.credit(&account, account.opening, .openingDeposit)
    } else if date == bank.firstMonth.firstDay {
      try journal.credit(&account, account.opening, .balanceBroughtForward)
    }
    switch account.kind {
    case .demand where account.isCompany: try moveCompany(&account, day: day, &journal)
    case .demand: try movePerson(&account, day: day, &journal)
    case .call: try moveCall(&account, &journal)
    case .time: break
    }
    if let loan = account.loan {
      try moveLoan(&account, loan, on: date, day: day, of: month, &journal)
    }
    account.balanceDays += account.balance
    if day == month.dayCount { try closeMonth(&account, &journal) }
  }

  private mutating func movePerson(
    _ account: inout SampleAccount, day: Int, _ journal: inout SampleJournal
  ) throws {
    if account.salary > 0, day == account.salaryDay {
      let pay = account.salary / 100 * Int64(random.within(95...105))
      try journal.credit(&account, pay, .salary)
    }
    let draw = random.below(1_000)
    if draw < 180 {
      try journal.debit(&account, Int64(random.within(800...60_000)), .household)
    } else if draw < 205 {
      try journal.debit(&account, Int64(random.within(50...3_000)) * 100, .transfer)
    } else if draw < 225 {
      try journal.credit(&account, Int64(random.within(50...3_000)) * 100, .transfer)
    } else if draw < 232 {
      try journal.debit(&account, Int64(random.within(80...900)) * 100, .insurance)
    } else if draw < 240 {
      try journal.credit(&account, Int64(random.within(2...80)) * 10_000, .deposit)
    }
  }

  private mutating func moveCompany(
    _ account: inout SampleAccount, day: Int, _ journal: inout SampleJournal
  ) throws {
    if random.happens(percent: 30) {
      try journal.credit(&account, Int64(random.within(100_000...9_000_000)), .salesReceipt)
    }
    if random.happens(percent: 25) {
      try journal.debit(&account, Int64(random.within(100_000...8_000_000)), .supplierPayment)
    }
    if day == 10 {
      try journal.debit(&account, Int64(random.within(20_000...200_000)) * 100, .payroll)
    }
    if day == 15 {
      try journal.debit(&account, Int64(random.within(100_000...3_000_000)), .tax)
    }
  }

  private mutating func moveCall(
    _ account: inout SampleAccount, _ journal: inout SampleJournal
  ) throws {
    let draw = random.below(1_000)
    if draw < 25 {
      try journal.credit(&account, Int64(random.within(1...20)) * 1_000_000, .deposit)
    } else if draw < 45 {
      try journal.debit(&account, Int64(random.within(1...20)) * 1_000_000, .withdrawal)
    }
  }

  private func moveLoan(
    _ account: inout SampleAccount, _ loan: SampleLoan, on date: CivilDate, day: Int,
    of month: Month, _ journal: inout SampleJournal
  ) throws {
    if date == loan.grantedOn { try journal.credit(&account, loan.amount, .loanGranted) }
    guard loan.grantedOn.month < month, month <= loan.lastMonth else { return }
    if day == 20, loan.status == .running {
      try journal.debit(&account, loan.payment, .loanPayment)
    } else if day == 25, loan.status == .overdue {
      try journal.debit(&account, max(1, loan.payment / 200), .penaltyInterest)
    }
  }

  private func closeMonth(
    _ account: inout SampleAccount, _ journal: inout SampleJournal
  ) throws {
    if account.kind == .demand {
      try journal.debit(&account, account.isCompany ? 1_000 : 200, .statementFee)
    }
    if account.interest > 0 { try journal.credit(&account, account.interest, .interestCredited) }
    account.balanceDays = 0
  }
}

/// Writes transactions and, now and then, one that is bad on purpose.
struct SampleJournal {
  var numbering: SampleNumbering
  var date: CivilDate

  private let branch: SampleBranch
  private let file: SampleFileWriter
  private var due: [SampleFault]
  private var goodRows = 0
  private var last: (account: Int, number: Int) = (1, 0)
  /// The words of the branch, by their raw values.
  private let directions: [[UInt8]]
  private let purposes: [[UInt8]]

  /// The faults that recur, in turn.
  private static let recurring: [SampleFault] = [
    .unknownAccount, .impossibleDate, .tooManyDecimals, .notANumber, .duplicateNumber, .ragged,
    .missingValue,
  ]
  /// The good rows between two of the faults that are due in a file.
  private static let spacing = 20

  init(
    branch: SampleBranch, file: SampleFileWriter, numbering: SampleNumbering, due: [SampleFault]
  ) {
    self.branch = branch
    self.file = file
    self.numbering = numbering
    self.due = due
    self.date = branch.bank.firstMonth.firstDay
    directions = DirectionWord.allCases.map { Array(branch.word($0).utf8) }
    purposes = PurposeWord.allCases.map { Array(branch.word($0).utf8) }
  }

  mutating func credit(
    _ account: inout SampleAccount, _ amount: Int64, _ purpose: PurposeWord
  ) throws {
    account.balance += amount
    try write(account, .credit, amount, purpose)
  }

  /// Takes money only where there is enough: no account is overdrawn.
  mutating func debit(
    _ account: inout SampleAccount, _ amount: Int64, _ purpose: PurposeWord
  ) throws {
    if account.balance < amount { return }
    account.balance -= amount
    try write(account, .debit, amount, purpose)
  }

  private mutating func write(
    _ account: SampleAccount, _ direction: DirectionWord, _ amount: Int64, _ purpose: PurposeWord
  ) throws {
    numbering.transaction += 1
    file.code("T", numbering.transaction, width: 10)
    branch.writeNumber(account, file)
    file.date(date)
    file.prepared(directions[direction.rawValue])
    file.amount(amount)
    file.prepared(purposes[purpose.rawValue])
    file.amount(account.balance)
    try file.endRow()
    last = (account.serial, numbering.transaction)
    goodRows += 1
    numbering.goodTransactions += 1
    if !due.isEmpty, goodRows % Self.spacing == 0 { try writeBad(due.removeFirst()) }
    if numbering.goodTransactions % SampleBank.transactionsPerBadRow == 0 {
      try writeBad(Self.recurring[numbering.recurringBadRows % Self.recurring.count])
      numbering.recurringBadRows += 1
    }
  }

  /// Writes the faults that are still due.
  mutating func finish() throws {
    for fault in due {
      // Without any row there is no number to double.
      try writeBad(fault == .duplicateNumber && goodRows == 0 ? .unknownAccount : fault)
    }
    due = []
  }

  private mutating func writeBad(_ fault: SampleFault) throws {
    numbering.transaction += 1
    var fields = [
      "T" + padded(numbering.transaction, 10), branch.accountNumber(last.account),
      branch.dateText(date), branch.word(DirectionWord.debit), "120.50",
      branch.word(PurposeWord.household), "100.00",
    ]
    switch fault {
    case .unknownAccount: fields[1] = branch.accountNumber(99_999_999)
    case .impossibleDate: fields[2] = branch.impossibleDate
    case .tooManyDecimals: fields[4] = "120.505"
    case .notANumber: fields[4] = "12O.50"
    case .duplicateNumber: fields[0] = "T" + padded(last.number, 10)
    case .ragged: fields.removeLast(2)
    case .missingValue: fields[4] = ""
    case .undecodableByte:
      try file.undecodableRow(
        fields[..<5].joined(separator: ",") + "," + branch.word(PurposeWord.household), ",100.00")
      return
    }
    try file.badRow(fields, fault)
  }
}
