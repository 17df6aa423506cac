extension RejectionLanguage {
  /// What a check has found, in this language.
  public func sentence(ofCheck finding: String) -> String {
    switch self {
    case .en: finding
    case .zh: Self.chinese(finding, Self.chineseFindings) ?? finding
    }
  }

  /// Why a file was kept out as a whole, in this language; what is no matter of counts and checks is kept
  /// as it is.
  public func sentence(ofRefusal reason: String) -> String {
    guard self == .zh else { return reason }
    guard
      let match = try? #/the check “(.*)” failed: (.*); nothing of the file is loaded/#
        .wholeMatch(in: reason)
    else { return Self.chinese(reason, Self.chineseRefusals) ?? reason }
    return "检查“\(match.1)”未通过：\(sentence(ofCheck: String(match.2)))；文件未入库"
  }

  /// The word before what a check has warned of.
  public var warning: String { self == .zh ? "警告：" : "warning: " }

  /// The first pattern that a sentence has, filled in; parts that are sentences themselves too.
  private static func chinese(
    _ sentence: String, _ patterns: [(pattern: String, words: String)]
  ) -> String? {
    for (pattern, words) in patterns {
      guard let regex = try? Regex(pattern), let match = try? regex.wholeMatch(in: sentence) else {
        continue
      }
      return match.output.indices.dropFirst().reduce(words) { filled, index in
        let part = match.output[index].substring.map(String.init) ?? ""
        return filled.replacing("$\(index)", with: chinese(part, chineseParts) ?? part)
      }
    }
    return nil
  }

  private static let letPass = #"(none is let pass|at most \S+ (?:% )?are let pass)"#
  private static let lines = #"((?: \(lines? [^)]*\))?)"#

  private static let chineseFindings: [(pattern: String, words: String)] = [
    (#"(\d+) of (\d+) rows have no (\S+)\#(lines), and \#(letPass)"#, "$2 行中有 $1 行没有 $3$4；$5"),
    (
      #"(\d+) of (\d+) rows have a value of (\S+) that is not ((?:from \S+)?(?: ?to \S+)?)\#(lines), and \#(letPass)"#,
      "$2 行中有 $1 行的 $3 不在规定范围内（$4）$5；$6"
    ),
    (
      #"(\d+) of (\d+) rows name in (\S+) what is no (\S+) on record\#(lines), and \#(letPass)"#,
      "$2 行中有 $1 行的 $3 在已入库的 $4 中找不到$5；$6"
    ),
    (
      #"(\d+) of (\d+) rows have a value of (\S+) more than (\S+) standard deviations from the mean\#(lines), and \#(letPass)"#,
      "$2 行中有 $1 行的 $3 偏离平均值超过 $4 个标准差$5；$6"
    ),
    (
      #"the sum of (.+?) is (\S+), and the sum of (.+), (\S+), is wanted((?: within \S+)?)"#,
      "$1 的合计为 $2，应等于 $3 的合计 $4$5"
    ),
    (#"the sum of (.+?) is (\S+), and (\S+) is wanted((?: within \S+)?)"#, "$1 的合计为 $2，应为 $3$4"),
    (#"no branch is more than (\S+) % off the month before"#, "没有机构与上月相差超过 $1%"),
    (
      #"(.* in the month before), which is more than (\S+) % off, and \#(letPass)"#,
      "$1，与上月相差超过 $2%；$3"
    ),
  ]

  /// What stands within findings.
  private static let chineseParts: [(pattern: String, words: String)] = [
    ("none is let pass", "一项都不允许"),
    (#"at most (\S+) % are let pass"#, "最多允许 $1%"),
    (#"at most (\S+) are let pass"#, "最多允许 $1 项"),
    (#" \(lines? ([^)]*)\)"#, "（第 $1 行）"),
    (#"from (\S+) to (\S+)"#, "$1 至 $2"),
    (#"from (\S+)"#, "不小于 $1"),
    (#"to (\S+)"#, "不大于 $1"),
    (#" within (\S+)"#, "，容许相差 $1"),
    (
      #"(\S+) has (\S+) rows in (\S+) after (\S+) in the month before"#,
      "$1 在 $3 有 $2 行，上月为 $4 行"
    ),
    (
      #"(\S+) has (\S+) of (\S+) in (\S+) after (\S+) in the month before"#,
      "$1 在 $4 的 $3 为 $2，上月为 $5"
    ),
    (#"(.+ in the month before), (.+ in the month before)"#, "$1；$2"),
    (#"(\S+) where (.+)"#, "$1（$2）"),
    (#"(.+ is .+), (\S+ is \S+)"#, "$1，$2"),
    (#"(\S+) is (\S+)"#, "$1 为 $2"),
  ]

  private static let chineseRefusals: [(pattern: String, words: String)] = [
    (
      #"(\d+) rows? (?:was|were) rejected, and all or nothing was wanted; nothing of the file is loaded"#,
      "有 $1 行被拒收，而要求全部入库或全部不入库；文件未入库"
    ),
    (
      #"(\d+) rows? (?:was|were) rejected, and at most (\d+) are let pass; nothing of the file is loaded"#,
      "有 $1 行被拒收，最多允许 $2 行；文件未入库"
    ),
  ]
}
