/// The languages in which reasons are told to branches.
public enum RejectionLanguage: String, Hashable, Sendable, CaseIterable {
  /// English.
  case en
  /// Chinese.
  case zh

  /// A reason in this language. What the platform says in English is on record; other languages are made of it
  /// by ``RejectionLanguage/chinese``, sentence by sentence.
  public func sentence(_ rejection: Rejection) -> String {
    switch self {
    case .en: rejection.reason
    case .zh: Self.chinese(rejection.code, rejection.reason)
    }
  }

  // MARK: - Chinese

  private static func chinese(_ code: RejectionCode, _ reason: String) -> String {
    for (pattern, words) in chinese[code] ?? [] {
      guard let regex = try? Regex(pattern), let match = try? regex.wholeMatch(in: reason) else {
        continue
      }
      var sentence = words
      for index in match.output.indices.dropFirst() {
        let part = match.output[index].substring.map(String.init) ?? ""
        // The forms of a date are listed.
        sentence = sentence.replacing(
          "$\(index)",
          with: code == .badDate && index == 2 ? part.replacing(" or ", with: " 或 ") : part)
      }
      return sentence
    }
    // What a rule of the database says names rows and dates; it is kept as it is.
    return "\(chineseMeaning[code] ?? code.rawValue)：\(reason)"
  }

  /// What each code means; before a sentence that has no Chinese of its own.
  static let chineseMeaning: [RejectionCode: String] = [
    .wrongFieldCount: "字段个数与表头不符",
    .wrongQuotes: "引号不配对",
    .undecodable: "含有文件编码中没有的字节",
    .tooLong: "记录过长",
    .missingValue: "缺少必填的值",
    .badDate: "日期有误",
    .badNumber: "不是数字",
    .tooManyDigits: "金额位数过多",
    .outOfRange: "数值超出范围",
    .unknownWord: "用词不在允许之列",
    .textTooLong: "文字过长",
    .damagedCell: "单元格的值不可用",
    .duplicateInFile: "与本文件中前面的行重复",
    .duplicateOnRecord: "与已入库的记录不一致",
    .otherBranch: "不属于指定的机构",
    .otherMonth: "不属于指定的月份",
    .unknownReference: "引用的代码或编号未入库",
    .noPlaceInTree: "机构在机构树中没有位置",
    .changeRefused: "指令违反规则",
    .assignmentRefused: "管户分配违反规则",
    .measuredTwice: "该账户按发生额计量，余额会重复计算",
  ]

  /// For each code its English sentences as patterns, each with the Chinese one.
  static let chinese: [RejectionCode: [(pattern: String, words: String)]] = [
    .wrongFieldCount: [
      (
        #"the row is bad because it has (\d+) fields? where the header has (\d+)"#,
        "本行有 $1 个字段，而表头有 $2 个；请补齐字段，值中含有分隔符时须加引号"
      )
    ],
    .wrongQuotes: [
      (
        #"the row is bad because the quote that opens field (\d+) never closes"#,
        "第 $1 个字段的引号没有闭合；请补上引号"
      ),
      (
        #"the row is bad because text follows the closing quote of field (\d+); .*"#,
        "第 $1 个字段的右引号后面还有文字；字段内的引号须写两个"
      ),
    ],
    .undecodable: [
      (
        #"the row is bad because field (\d+) holds the byte (0x..), which is no text in its encoding"#,
        "第 $1 个字段含有字节 $2，它在文件编码中没有意义；请用同一种编码重新导出"
      ),
      (
        #"the row is bad because field (\d+) holds a zero byte"#,
        "第 $1 个字段含有零字节；请删除"
      ),
    ],
    .tooLong: [
      (
        #"the row is bad because it is longer than (\d+) bytes"#,
        "本行超过 $1 字节；请检查是否有引号没有闭合"
      )
    ],
    .missingValue: [(#"“(.*)” is empty; every .* needs one"#, "“$1”为空；此列必填")],
    .badDate: [
      (
        #"“(.*)” is not a day of the calendar written as (.*)"#,
        "“$1”不是日历上的日期，或没有按 $2 书写"
      ),
      (#"(\S+) is not between (\S+) and (\S+)"#, "日期 $1 不在 $2 至 $3 之间"),
    ],
    .badNumber: [
      (
        #"“(.*)” is not a plain number; .*"#,
        "“$1”不是数字；只写数字和小数点，不要千分位分隔符和单位"
      )
    ],
    .tooManyDigits: [
      (
        #"the amount (\S+) has (\d+) digits after the point; the bank's currency has (\d+)"#,
        "金额 $1 有 $2 位小数，而本行货币只有 $3 位"
      ),
      (
        #"the amount has (\d+) digits before the point; at most (\d+) are taken"#,
        "金额的整数部分有 $1 位，最多 $2 位"
      ),
      (
        #"the amount has (\d+) digits; at most (\d+) before the point and (\d+) after it are taken"#,
        "金额共有 $1 位数字；整数最多 $2 位，小数最多 $3 位"
      ),
    ],
    .outOfRange: [
      (
        #"the share (\S+) is not above 0 and up to 1; .*"#,
        "份额 $1 不在 0 与 1 之间；70% 请写 0.7"
      ),
      (
        #"the amount (\S+) is below zero; .*"#, "金额 $1 小于零；借贷方向已表示正负"
      ),
      (#"the amount (\S+) is not above zero"#, "金额 $1 不大于零"),
      (#"(\S+) is not above zero"#, "$1 不大于零"),
    ],
    .unknownWord: [
      (
        #"“(.*)” is not a (\S+) that the mapping knows; known are (.*)"#,
        "“$1”不是映射认识的 $2；可用的有 $3"
      ),
      (#"“(.*)” is not a currency; .*"#, "“$1”不是货币代码；请写三个大写字母，如 CNY"),
      (#"“(.*)” is not a (\S+); it is one of (.*)"#, "“$1”不是 $2；应为 $3 之一"),
      (
        #"the currency is (\S+), but the books of the bank are kept in (\S+); .*"#,
        "货币是 $1，而本行以 $2 记账；其他货币不予接收"
      ),
    ],
    .textTooLong: [
      (#"the text has (\d+) characters; at most (\d+) fit"#, "文字有 $1 个字符，最多 $2 个")
    ],
    .damagedCell: [
      (
        #"the value cannot be used because the cell holds the error (\S+); .*"#,
        "单元格是错误值 $1；请更正公式"
      ),
      (
        #"the value cannot be used because the cell is a number, and Excel keeps only (\d+) of its digits: .*"#,
        "单元格是数字，Excel 只保留前 $1 位，末尾几位已丢失；请把该列设为文本格式后重新输入"
      ),
      (
        #"the value cannot be used because the cell is shown as a day, and (.*) is none"#,
        "单元格显示为日期，而 $1 不是日期"
      ),
      (
        #"the value cannot be used because .*"#, "单元格的值不可用；请在 Excel 中重新保存工作簿"
      ),
    ],
    .duplicateInFile: [
      (
        #"this .* stands in line (\d+) of the file already; keep one"#,
        "与本文件第 $1 行重复；只保留一行"
      )
    ],
    .duplicateOnRecord: [
      (
        #"this .* is on record with other values \(batch (\d+), line (\d+)\); .*"#,
        "已入库的同一记录内容不同（批次 $1，第 $2 行）；更正不能当作新行发送"
      ),
      (
        #"this .* is on record with other values.*"#,
        "已入库的同一记录内容不同；更正不能当作新行发送"
      ),
    ],
    .otherBranch: [
      (
        #"the row is of another branch than (.*), which the import is about; .*"#,
        "本行不属于机构 $1；请随所属机构的文件发送"
      )
    ],
    .otherMonth: [
      (
        #"(\S+) is not in (\S+), which the import is about; .*"#,
        "$1 不在 $2 月份内；请随所属月份的文件发送"
      )
    ],
    .unknownReference: [
      (
        #"the branch “(.*)” is not on record; .*"#, "机构“$1”未入库；请先发送，或更正代码"
      ),
      (
        #"the account “(.*)” is not on record; .*"#, "账户“$1”未入库；请先发送，或更正账号"
      ),
      (
        #"the client “(.*)” is not on record; .*"#, "客户“$1”未入库；请先发送，或更正客户号"
      ),
      (
        #"the employee “(.*)” is not on record; .*"#, "员工“$1”未入库；请先发送，或更正工号"
      ),
      (#"the .* “(.*)” is not on record; .*"#, "“$1”未入库；请先发送，或更正代码"),
      (
        #"several account holdings have the number “(.*)”; .*"#,
        "有多个账户持有关系的编号是“$1”；请向发送方核实"
      ),
    ],
    .noPlaceInTree: [
      (#"unit “(.*)” has no parent; .*"#, "机构“$1”没有上级；只有总行没有上级"),
      (
        #"unit “(.*)” is the head office and cannot lie under “(.*)”"#,
        "机构“$1”是总行，不能隶属于“$2”"
      ),
      (
        #"the parent “(.*)” of unit “(.*)” is neither on record nor in this file above it; .*"#,
        "机构“$2”的上级“$1”未入库，也不在本文件前面；请先发送"
      ),
      (
        #"the parent “(.*)” of unit “(.*)” is a (.*), which cannot hold a (.*)"#,
        "机构“$2”的上级“$1”是 $3，不能下辖 $4"
      ),
    ],
  ]
}
