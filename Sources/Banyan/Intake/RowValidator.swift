import Documents
import Exchange
import Quantities

/// Checks the records of one file against its mapping, value by value, and resolves what they refer
/// to. Every reason why a row is bad is found, not only the first.
struct RowValidator {
  /// Days outside this range are mistakes in any bank's files.
  static let acceptedDays = (
    first: CivilDate(year: 1900, month: 1, day: 1), last: CivilDate(year: 2100, month: 12, day: 31)
  )
  /// The most digits before the point of an amount: a thousand trillion is beyond any bank.
  static let wholeDigitLimit = 16

  /// A class, so that handing one on for each value costs nothing.
  private final class Column {
    let target: DatasetColumn
    /// Position of the field in the record; nil for a constant.
    let field: Int?
    let constant: UnsafeBufferPointer<UInt8>?
    /// What an empty field means; nil if nothing.
    let standing: UnsafeBufferPointer<UInt8>?
    /// What stands for no value in the staging columns.
    let valuesForNone: [StagedValue]
    let words: ByteKeyTable<UnsafeBufferPointer<UInt8>>?
    /// The words of a choice.
    let choices: ByteKeyTable<Void>
    /// Name of the column in the file, for messages.
    let header: String
    /// How many columns of the staging table it fills.
    let width: Int

    /// The values that the mapping itself gives.
    private let own: KeptTexts

    init(
      target: DatasetColumn, field: Int?, constant: String?, words: [String: String]?,
      header: String
    ) {
      let own = KeptTexts()
      self.own = own
      self.target = target
      self.field = field
      self.constant = constant.map(own.keep)
      self.standing = target.standing.map(own.keep)
      self.valuesForNone = target.valuesForNone
      self.words = words.map { ByteKeyTable($0.mapValues(own.keep)) }
      self.header = header
      self.width = target.stagingColumns.count
      var choices = ByteKeyTable<Void>()
      if case .choice(let known, _) = target.kind {
        for choice in known { choices.insert(choice, ()) }
      }
      self.choices = choices
    }
  }

  /// The columns that rows have values for, in the order of the dataset.
  private let filled: [Column]
  /// The same, for the loop that passes over them row by row without counting who refers to them.
  private let unretained: [Unmanaged<Column>]
  /// For fields whose words decide: those of the rows that the mapping is about.
  private let only: [(field: Int, words: ByteKeyTable<Void>, excludes: Bool)]
  private let keys: KeyTables
  private let dates: [DateFormat]
  private let lastDay = LastValue<CivilDate>()
  private let lastBranch = LastValue<Int32>()
  private let currency: Currency
  private var amountDigits: Int { currency.minorUnitDigits }
  private let scope: ImportScope?
  private let monthDay: String?
  private let singular: String
  /// Whether neither values nor rows may be kept with the reasons.
  private let isConfidential: Bool
  private static let withheld = "(withheld: it is confidential)"

  /// Matches the mapping to the header of a file.
  ///
  /// - Throws: ``BanyanError`` if the file lacks a column, or has one that the mapping neither maps
  ///   nor ignores.
  init(
    mapping: Mapping, header: [String], isWorkbook: Bool = false, keys: KeyTables,
    currency: Currency, scope: ImportScope? = nil
  ) throws {
    var used: Set<String> = []
    let columns = try mapping.columns.compactMap { column -> Column? in
      switch column.source {
      case .constant(let constant):
        return Column(
          target: column.target, field: nil, constant: constant, words: nil,
          header: column.target.name)
      case .column(let headers):
        guard let found = headers.first(where: header.contains),
          let field = header.firstIndex(of: found)
        else {
          if mapping.mayLackColumns, !column.target.isRequired { return nil }
          let wanted = alternatives(headers.map { "“\($0)”" })
          throw BanyanError.data(
            "the file has no column \(wanted); it has \(shown(header)); correct the file, or `columns` in \(mapping.name)"
          )
        }
        used.insert(found)
        return Column(
          target: column.target, field: field, constant: nil,
          words: column.words, header: found)
      }
    }
    if let twice = Dictionary(grouping: header, by: \.self).first(where: {
      $0.value.count > 1 && used.contains($0.key)
    }) {
      throw BanyanError.data("the file has the column “\(twice.key)” more than once; keep one")
    }
    only = try mapping.only.map { condition in
      guard let field = header.firstIndex(of: condition.header) else {
        throw BanyanError.data(
          "the file has no column “\(condition.header)”, by which `only` in \(mapping.name) chooses rows; it has \(shown(header))"
        )
      }
      var words = ByteKeyTable<Void>()
      for word in condition.words { words.insert(word, ()) }
      used.insert(condition.header)
      return (field, words, condition.excludes)
    }
    if let ignored = mapping.ignored,
      let unknown = header.first(where: {
        !used.contains($0) && !ignored.contains($0) && !RejectedFile.columns.contains($0)
      })
    {
      throw BanyanError.data(
        "the file has a column “\(unknown)” that the mapping does not know; add it to `columns` or to `ignore` in \(mapping.name)"
      )
    }
    filled = mapping.dataset.columns.compactMap { target in
      if let column = columns.first(where: { $0.target.name == target.name }) { return column }
      // Where nothing at all is to stand, the table says so itself.
      if target.standing == nil, !target.isZeroForNone { return nil }
      return Column(
        target: target, field: nil, constant: target.standing, words: nil, header: target.name)
    }
    unretained = filled.map(Unmanaged.passUnretained)
    self.keys = keys
    // The days of a workbook are numbers; how they are written is not the sender's choice.
    self.dates =
      mapping.dates
      + (isWorkbook ? DateFormat.ofWorkbooks.filter { !mapping.dates.contains($0) } : [])
    self.currency = currency
    self.scope = scope.flatMap { $0.isOpen ? nil : $0 }
    self.monthDay = mapping.dataset.monthDay
    self.singular = mapping.dataset.singular
    self.isConfidential = mapping.dataset.isConfidential
  }

  /// Whether a record is one of those that the mapping is about. A bad one is, so that it is told.
  func concerns(_ record: CSVRecord) -> Bool {
    record.problem != nil
      || only.allSatisfy { ($0.words[trimmed(record.field($0.field))] != nil) != $0.excludes }
  }

  /// Names of the staging columns that rows have values for; the mapping leaves out the others.
  var columns: [String] { filled.flatMap(\.target.stagingColumns).map(\.name) }

  /// Checks a record. The values come in the order of ``columns``; they mean nothing if there are
  /// rejections.
  func validate(
    _ record: CSVRecord, values: inout [StagedValue], rejections: inout [Rejection]
  ) {
    values.removeAll(keepingCapacity: true)
    if let problem = record.problem {
      rejections.append(
        Rejection(
          lineNumber: record.lineNumber, code: code(of: problem), column: nil, value: nil,
          reason: "the row is bad because \(problem)", rawRow: kept(record)))
      return
    }
    for column in unretained {
      column._withUnsafeGuaranteedRef { column in
        validate(column, of: record, values: &values, rejections: &rejections)
      }
    }
  }

  private func validate(
    _ column: Column, of record: CSVRecord, values: inout [StagedValue],
    rejections: inout [Rejection]
  ) {
    do throws(Refusal) {
      let position = values.count
      try append(column, record, to: &values)
      if let objection = scope?.objection(to: values[position], of: column.target, monthDay) {
        throw Refusal(objection.code, objection.reason)
      }
    } catch {
      let isFirst = rejections.last?.lineNumber != record.lineNumber
      rejections.append(
        Rejection(
          lineNumber: record.lineNumber, code: error.code, column: column.header,
          value: column.field.map { isConfidential ? Self.withheld : record.string($0) },
          reason: error.reason, rawRow: isFirst ? kept(record) : nil))
    }
  }

  private func kept(_ record: CSVRecord) -> String {
    isConfidential ? Self.withheld : record.rawText
  }

  private func code(of problem: CSVProblem) -> RejectionCode {
    switch problem {
    case .ragged: .wrongFieldCount
    case .unclosedQuote, .textAfterQuote: .wrongQuotes
    case .undecodable, .zeroByte: .undecodable
    case .tooLong: .tooLong
    case .notJSON: .notJSON
    }
  }

  // MARK: - One value

  private struct Refusal: Error {
    let code: RejectionCode
    let reason: String

    init(_ code: RejectionCode, _ reason: String) {
      self.code = code
      self.reason = reason
    }
  }

  private func append(
    _ column: Column, _ record: CSVRecord, to values: inout [StagedValue]
  ) throws(Refusal) {
    if let constant = column.constant {
      return try append(constant, column, to: &values)
    }
    guard let field = column.field else {
      values += column.valuesForNone
      return
    }
    if let damage = record.damage(of: field) {
      throw Refusal(.damagedCell, "the value cannot be used because \(damage)")
    }
    let bytes = trimmed(record.field(field))
    if bytes.isEmpty, let standing = column.standing {
      return try append(standing, column, to: &values)
    }
    guard let words = column.words, !bytes.isEmpty else {
      return try append(bytes, column, to: &values)
    }
    guard let meaning = words[bytes] else {
      let word = String(decoding: bytes, as: UTF8.self)
      let known = words.words.sorted().map { "“\($0)”" }.joined(separator: ", ")
      throw Refusal(
        .unknownWord,
        "“\(word)” is not a \(column.target.name) that the mapping knows; known are \(known)")
    }
    try append(meaning, column, to: &values)
  }

  private func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ column: Column, to values: inout [StagedValue]
  ) throws(Refusal) {
    let target = column.target
    if bytes.isEmpty {
      if target.isRequired {
        throw Refusal(.missingValue, "“\(column.header)” is empty; every \(singular) needs one")
      }
      values += column.valuesForNone
      return
    }
    func word() -> String { String(decoding: bytes, as: UTF8.self) }
    switch target.kind {
    case .text(let limit):
      if bytes.count > limit, word().count > limit {
        throw Refusal(.textTooLong, "the text has \(word().count) characters; at most \(limit) fit")
      }
      values.append(.bytes(bytes))
    case .amount, .positiveAmount, .balance:
      values.append(.decimal(try amount(bytes, target.kind)))
    case .share:
      guard let share = ExactDecimal(utf8: bytes) else { throw notANumber(word()) }
      if share.coefficient <= 0 || share > .one {
        throw Refusal(
          .outOfRange, "the share \(share) is not above 0 and up to 1; write 0.7 for 70 percent")
      }
      values.append(.decimal(share))
    case .count:
      guard let count = Int32(word()) else { throw notANumber(word()) }
      if count <= 0 { throw Refusal(.outOfRange, "\(count) is not above zero") }
      values.append(.integer(count))
    case .number:
      guard let number = ExactDecimal(utf8: bytes) else { throw notANumber(word()) }
      values.append(.decimal(number))
    case .date:
      values.append(.date(try date(bytes)))
    case .choice(let choices, _):
      guard column.choices[bytes] != nil else {
        throw Refusal(
          .unknownWord,
          "“\(word())” is not a \(target.name); it is one of \(choices.joined(separator: ", "))")
      }
      values.append(.bytes(bytes))
    case .currency:
      guard bytes.count == 3, bytes.allSatisfy({ (65...90).contains($0) }) else {
        throw Refusal(
          .unknownWord, "“\(word())” is not a currency; write three capital letters such as CNY")
      }
      // Sums over accounts would add one currency to another.
      if word() != currency.code {
        throw Refusal(
          .unknownWord,
          "the currency is \(word()), but the books of the bank are kept in \(currency); other currencies are not taken in"
        )
      }
      values.append(.bytes(bytes))
    case .parentUnit:
      values.append(.bytes(bytes))
    case .branch:
      if let branch = lastBranch.meaning(of: bytes) {
        values.append(.integer(branch))
        return
      }
      guard let branch = keys.branches[bytes] else { throw unknown("branch", word()) }
      lastBranch.keep(branch, of: bytes)
      values.append(.integer(branch))
    case .account:
      guard let key = keys.accounts[bytes] else { throw unknown("account", word()) }
      values.append(.integer(key.branch))
      values.append(.key(key.account))
    case .client, .ownClient:
      guard let key = keys.clients[bytes] else { throw unknown("client", word()) }
      values.append(.integer(key.branch))
      values.append(.key(key.client))
    case .holding:
      guard let key = keys.holdings[bytes] else { throw unknown("account holding", word()) }
      if key.isAmbiguous {
        throw Refusal(
          .unknownReference,
          "several account holdings have the number “\(word())”; ask the sender which one is meant")
      }
      values.append(.integer(key.account.branch))
      values.append(.key(key.account.account))
      values.append(.integer(key.client.branch))
      values.append(.key(key.client.client))
    case .unit:
      guard let unit = keys.units[bytes] else { throw unknown("org unit", word()) }
      values.append(.integer(unit))
    case .employee, .colleague:
      guard let employee = keys.employees[bytes] else { throw unknown("employee", word()) }
      values.append(.integer(employee))
    case .postKind:
      guard keys.postKinds[bytes] != nil else { throw unknown("kind of post", word()) }
      values.append(.bytes(bytes))
    case .productLine:
      guard keys.productLines[bytes] != nil else { throw unknown("product line", word()) }
      values.append(.bytes(bytes))
    case .tier:
      guard keys.tiers[bytes] != nil else { throw unknown("tier", word()) }
      values.append(.bytes(bytes))
    case .metric:
      guard let metric = keys.metrics[bytes] else { throw unknown("metric", word()) }
      values.append(.integer(metric))
    case .product:
      guard let product = keys.products[bytes] else { throw unknown("product", word()) }
      values.append(.integer(product))
    case .loan:
      guard let loan = keys.loans[bytes] else { throw unknown("loan", word()) }
      values.append(.integer(loan.branch))
      values.append(.key(loan.loan))
    }
  }

  private func amount(
    _ bytes: UnsafeBufferPointer<UInt8>, _ kind: DatasetColumn.Kind
  ) throws(Refusal) -> ExactDecimal {
    // So few bytes cannot be too many digits.
    let digits = bytes.count > Self.wholeDigitLimit ? bytes.count { (48...57).contains($0) } : 0
    guard let amount = ExactDecimal(utf8: bytes) else {
      if digits > 38 {
        throw Refusal(
          .tooManyDigits,
          "the amount has \(digits) digits; at most \(Self.wholeDigitLimit) before the point and \(amountDigits) after it are taken"
        )
      }
      throw notANumber(String(decoding: bytes, as: UTF8.self))
    }
    if amount.scale > amountDigits {
      throw Refusal(
        .tooManyDigits,
        "the amount \(amount) has \(amount.scale) digits after the point; the bank's currency has \(amountDigits)"
      )
    }
    if digits - amount.scale > Self.wholeDigitLimit {
      throw Refusal(
        .tooManyDigits,
        "the amount has \(digits - amount.scale) digits before the point; at most \(Self.wholeDigitLimit) are taken"
      )
    }
    switch kind {
    case .amount where amount.isNegative:
      throw Refusal(.outOfRange, "the amount \(amount) is below zero; the direction says its sign")
    case .positiveAmount where amount.coefficient <= 0:
      throw Refusal(.outOfRange, "the amount \(amount) is not above zero")
    default:
      return amount
    }
  }

  private func date(_ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) -> CivilDate {
    if let day = lastDay.meaning(of: bytes) { return day }
    for format in dates {
      guard let date = format.date(from: bytes) else { continue }
      if let first = Self.acceptedDays.first, let last = Self.acceptedDays.last,
        date < first || date > last
      {
        throw Refusal(.badDate, "\(date) is not between \(first) and \(last)")
      }
      lastDay.keep(date, of: bytes)
      return date
    }
    throw Refusal(
      .badDate,
      "“\(String(decoding: bytes, as: UTF8.self))” is not a day of the calendar written as \(alternatives(dates.map(\.pattern)))"
    )
  }

  private func notANumber(_ word: String) -> Refusal {
    Refusal(
      .badNumber,
      "“\(word)” is not a plain number; write digits and a point, without separators or units")
  }

  private func unknown(_ what: String, _ code: String) -> Refusal {
    Refusal(
      .unknownReference,
      "the \(what) “\(code)” is not on record; send it first, or correct the code")
  }

  /// Without the blanks around it: files pad values inside quotes too.
  private func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
    while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }
}
