extension RejectionLanguage {
  /// What a check has found, in this language.
  public func sentence(ofCheck finding: String) -> String {
    switch self {
    case .en: finding
    case .zh: Self.chinese(finding, Self.chineseFindings) ?? finding
    }
  }

  /// The word before what a check has warned of.
  public var warning: String { self == .zh ? "警告：" : "warning: " }

  /// The first pattern that a sentence has, filled in; parts that are sentences themselves too.
  static func chinese(
    _ sentence: String, _ patterns: [(pattern: String, words: String)],
    parts: [(pattern: String, words: String)] = chineseParts
  ) -> String? {
    for (pattern, words) in patterns {
      guard let regex = try? Regex(pattern), let match = try? regex.wholeMatch(in: sentence) else {
        continue
      }
      return match.output.indices.dropFirst().reduce(words) { filled, index in
        let part = match.output[index].substring.map(String.init) ?? ""
        return filled.replacing("$\(index)", with: chinese(part, parts, parts: parts) ?? part)
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
  static let chineseParts: [(pattern: String, words: String)] = [
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
}
