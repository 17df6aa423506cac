import Quantities

/// One branch of a made-up bank: its clients, their accounts, who looks after them, their loans,
/// and (in SampleMovements.swift) what happens on the accounts.
struct SampleBranch {
  let bank: SampleBank
  let index: Int
  let code: String
  let isChinese: Bool
  let city: String
  /// The managers who look after its accounts: its own, or else one of another branch.
  let managers: [SampleEmployee]
  var random: SampleRandom
  var accounts: [SampleAccount] = []

  init(bank: SampleBank, index: Int, employees: [SampleEmployee]) {
    self.bank = bank
    self.index = index
    self.code = bank.branchCode(index)
    self.isChinese = bank.isChinese(index)
    self.city = SampleNames.regions[index % bank.regionCount].city
    let own = stride(from: index, to: employees.count, by: bank.branches).map { employees[$0] }
    self.managers = own.isEmpty ? [employees[index % employees.count]] : own
    self.random = SampleRandom(seed: bank.seed, stream: UInt64(100 + index))
  }

  /// Writes the files of the branch, in an order in which they can be imported.
  mutating func write(
    _ folder: String, _ numbering: inout SampleNumbering, _ summary: inout SampleSummary
  ) throws {
    let first = numbering.client + 1
    let count = bank.clients / bank.branches + (index < bank.clients % bank.branches ? 1 : 0)
    numbering.client += count
    let companies = try writeClients(first..<first + count, folder, &summary)
    openAccounts(first, companies)
    try writeAccounts(folder, &summary)
    try writeHolders(first..<first + count, folder, &summary)
    try writeAssignments(folder, &summary)
    try writeLoans(folder, &numbering, &summary)
    for month in 0..<bank.months {
      try writeMovements(bank.firstMonth.adding(months: month), folder, &numbering, &summary)
    }
  }

  func file(_ name: String, _ columns: [(String, String)], _ folder: String) throws
    -> SampleFileWriter
  {
    try SampleFileWriter(
      folder: folder, path: "\(code)/\(name).csv",
      columns: columns.map { (english: $0.0, chinese: $0.1) }, isChinese: isChinese)
  }

  /// Whether this branch has the one fault of a kind of file that head office sees in every bank.
  private func isFaulty(_ place: Int) -> Bool { index == place % bank.branches }

  // MARK: - Clients and accounts

  /// Writes the clients; the result says of each whether it is a company.
  private mutating func writeClients(
    _ numbers: Range<Int>, _ folder: String, _ summary: inout SampleSummary
  ) throws -> [Bool] {
    let file = try file("clients", SampleVocabulary.clients, folder)
    var companies: [Bool] = []
    companies.reserveCapacity(numbers.count)
    for number in numbers {
      let isCompany = random.happens(percent: 15)
      file.code("C", number, width: 6)
      file.text(
        isCompany ? SampleNames.company(in: city, &random) : SampleNames.person(&random))
      file.word(isCompany ? ClientWord.company : .person)
      file.text(code)
      file.text(
        isCompany ? SampleNames.companyCode(&random) : SampleNames.personNumber(&random))
      try file.endRow()
      companies.append(isCompany)
      if number == numbers.lowerBound, isFaulty(0) {
        try file.badRow(
          [
            "", SampleNames.person(&random), word(ClientWord.person), code,
            SampleNames.personNumber(&random),
          ], .missingValue)
      }
    }
    try file.finish(&summary)
    return companies
  }

  private mutating func openAccounts(_ firstClient: Int, _ companies: [Bool]) {
    let start = bank.firstMonth.firstDay
    let days = start.days(until: bank.firstMonth.adding(months: bank.months).firstDay)
    for (offset, isCompany) in companies.enumerated() {
      // Everyone has a demand deposit, three in ten a time or call deposit as well.
      var kinds = [AccountWord.demand]
      if random.happens(percent: 20) { kinds.append(.time) }
      if random.happens(percent: isCompany ? 30 : 8) { kinds.append(.call) }
      for kind in kinds {
        let isNew = random.happens(percent: 10)
        let opened =
          isNew
          ? start.adding(days: random.below(days)) : start.adding(days: -random.within(1...2_800))
        accounts.append(
          SampleAccount(
            serial: accounts.count + 1, client: firstClient + offset, kind: kind,
            isCompany: isCompany, openedOn: opened, &random))
      }
    }
  }

  private func writeAccounts(_ folder: String, _ summary: inout SampleSummary) throws {
    let file = try file("accounts", SampleVocabulary.accounts, folder)
    for account in accounts {
      writeNumber(account, file)
      file.text(code)
      file.word(account.kind)
      file.text("CNY")
      file.date(account.openedOn)
      try file.endRow()
    }
    if isFaulty(1) {
      try file.badRow(
        [accountNumber(99_999_998), code, word(AccountWord.demand), "CNY", impossibleDate],
        .impossibleDate)
    }
    try file.finish(&summary)
  }

  private mutating func writeHolders(
    _ clients: Range<Int>, _ folder: String, _ summary: inout SampleSummary
  ) throws {
    let file = try file("holders", SampleVocabulary.holders, folder)
    for account in accounts {
      writeNumber(account, file)
      file.code("C", account.client, width: 6)
      file.word(RoleWord.owner)
      try file.endRow()
      guard !account.isCompany, clients.count > 1, random.happens(percent: 8) else { continue }
      let other = clients.lowerBound + random.below(clients.count - 1)
      writeNumber(account, file)
      file.code("C", other >= account.client ? other + 1 : other, width: 6)
      file.word(RoleWord.joint)
      try file.endRow()
    }
    try file.finish(&summary)
  }

  private mutating func writeAssignments(_ folder: String, _ summary: inout SampleSummary) throws {
    let file = try file("assignments", SampleVocabulary.assignments, folder)
    for account in accounts {
      let main = random.below(managers.count)
      var shares = [(managers[main], "1")]
      if managers.count > 1, random.happens(percent: 8) {
        let other = (main + 1 + random.below(managers.count - 1)) % managers.count
        shares = [(managers[main], "0.7"), (managers[other], "0.3")]
      }
      let from = shares.reduce(account.openedOn) { max($0, $1.0.joinedOn) }
      for (manager, share) in shares {
        writeNumber(account, file)
        file.text(manager.number)
        file.text(share)
        file.date(from)
        try file.endRow()
      }
    }
    try file.finish(&summary)
  }

  // MARK: - Loans

  private mutating func writeLoans(
    _ folder: String, _ numbering: inout SampleNumbering, _ summary: inout SampleSummary
  ) throws {
    let file = try file("loans", SampleVocabulary.loans, folder)
    let end = bank.firstMonth.adding(months: bank.months).firstDay
    for position in accounts.indices where accounts[position].kind == .demand {
      guard random.happens(percent: 10) else { continue }
      let account = accounts[position]
      let reach = min(1_500, account.openedOn.days(until: end))
      let granted = end.adding(days: -random.within(1...reach))
      let term = random.one(of: [6, 12, 24, 36, 60, 120])
      let amount = Int64(random.within(1...30)) * (account.isCompany ? 10_000_000 : 1_000_000)
      // Simple interest of 4.35 % a year over the term, in equal payments, rounded up to a cent.
      let owed = amount + amount * 435 * Int64(term) / 120_000
      let payment = (owed + Int64(term) - 1) / Int64(term)
      let isOver = granted.month.adding(months: term) < bank.firstMonth
      let isLate = random.happens(percent: 8)
      let status: StatusWord =
        isOver ? (isLate ? .unpaid : .finished) : isLate ? .overdue : .running
      numbering.loan += 1
      file.code("L", numbering.loan, width: 7)
      writeNumber(account, file)
      file.date(granted)
      file.amount(amount)
      file.whole(term)
      file.amount(payment)
      file.word(status)
      try file.endRow()
      accounts[position].loan = SampleLoan(
        grantedOn: granted, amount: amount, payment: payment,
        lastMonth: granted.month.adding(months: term), status: status)
    }
    if isFaulty(2) {
      numbering.loan += 1
      try file.badRow(
        [
          "L" + padded(numbering.loan, 7), accountNumber(1), dateText(bank.firstMonth.firstDay),
          "12O000.00", "12", "10435.00", word(StatusWord.running),
        ], .notANumber)
    }
    try file.finish(&summary)
  }

  // MARK: - How this branch writes things

  func word(_ word: some SampleWord) -> String {
    isChinese ? word.spelled.chinese : word.spelled.english
  }

  func dateText(_ date: CivilDate) -> String {
    isChinese ? String(date.description.map { $0 == "-" ? "/" : $0 }) : date.description
  }

  /// The 30th of February of the bank's first year.
  var impossibleDate: String {
    let year = padded(bank.firstMonth.year, 4)
    return isChinese ? "\(year)/02/30" : "\(year)-02-30"
  }

  /// Sixteen digits: 9900, the branch, and a serial number within it.
  func accountNumber(_ serial: Int) -> String {
    String(9_900_000_000_000_000 + (index + 1) * 100_000_000 + serial)
  }

  func writeNumber(_ account: SampleAccount, _ file: SampleFileWriter) {
    file.whole(9_900_000_000_000_000 + (index + 1) * 100_000_000 + account.serial)
  }
}
