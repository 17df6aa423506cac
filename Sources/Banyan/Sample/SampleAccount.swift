import Quantities

/// An account of a made-up bank with all that decides what happens on it. Amounts are in hundredths.
struct SampleAccount {
  let serial: Int
  let client: Int
  let kind: AccountWord
  let isCompany: Bool
  let openedOn: CivilDate
  /// What is paid in on the first day.
  let opening: Int64
  /// The monthly pay of a person, or 0.
  let salary: Int64
  let salaryDay: Int
  var loan: SampleLoan?

  var balance: Int64 = 0
  /// The sum of the balances at the end of each day of this month, which interest is paid on.
  var balanceDays: Int64 = 0

  init(
    serial: Int, client: Int, kind: AccountWord, isCompany: Bool, openedOn: CivilDate,
    _ random: inout SampleRandom
  ) {
    self.serial = serial
    self.client = client
    self.kind = kind
    self.isCompany = isCompany
    self.openedOn = openedOn
    let factor: Int64 = isCompany ? 20 : 1
    switch kind {
    case .demand:
      opening = Int64(random.within(10...300)) * Int64(random.within(1_000...20_000)) * factor
    case .time: opening = Int64(random.within(1...50)) * 1_000_000 * factor
    case .call: opening = Int64(random.within(5...60)) * 1_000_000 * factor
    }
    let isPaid = kind == .demand && !isCompany && random.happens(percent: 65)
    salary = isPaid ? Int64(random.within(4_000...30_000)) * 100 : 0
    salaryDay = random.one(of: [5, 8, 10, 15])
  }

  /// The yearly rate in hundredths of a percent.
  var rate: Int64 {
    switch kind {
    case .demand: 10
    case .call: 45
    case .time: 135
    }
  }

  /// The interest of the month to the cent, half up, on 360 days a year.
  var interest: Int64 { (balanceDays * rate + 1_800_000) / 3_600_000 }
}

/// A loan that is paid out to and paid back from an account. Amounts are in hundredths.
struct SampleLoan {
  let grantedOn: CivilDate
  let amount: Int64
  let payment: Int64
  let lastMonth: Month
  let status: StatusWord
}
