/// Why a file is refused or kept out as a whole, in the language of the branch.
extension RejectionLanguage {
  /// A refusal in this language. What the system or a rule of the database says of its own is kept as it is.
  public func sentence(ofRefusal reason: String) -> String {
    guard self == .zh else { return reason }
    if let match = try? #/the check “(.*)” failed: (.*); nothing of the file is loaded/#
      .wholeMatch(in: reason)
    {
      return "检查“\(match.1)”未通过：\(sentence(ofCheck: String(match.2)))；文件未入库"
    }
    return Self.chinese(reason, Self.chineseRefusals, parts: Self.partsOfRefusals) ?? reason
  }

  private static let chineseRefusals: [(pattern: String, words: String)] = [
    (
      #"(\d+) rows? (?:was|were) rejected, and all or nothing was wanted; nothing of the file is loaded"#,
      "有 $1 行被拒收，而要求全部入库或全部不入库；文件未入库"
    ),
    (
      #"(\d+) rows? (?:was|were) rejected, and at most (\d+) are let pass; nothing of the file is loaded"#,
      "有 $1 行被拒收，最多允许 $2 行；文件未入库"
    ),
    (
      #"the file has no column “([^”]*)”, by which `only` in (\S+) chooses rows; it has (.*)"#,
      "文件没有列“$1”，而 $2 的 `only` 按它选行；文件的列有 $3"
    ),
    (
      #"the file has no column (.*); it has (.*); correct the file, or `columns` in (\S+)"#,
      "文件没有列$1；文件的列有 $2；请更正文件，或修改 $3 的 `columns`"
    ),
    (
      #"the file has a column “(.*)” that the mapping does not know; add it to `columns` or to `ignore` in (\S+)"#,
      "文件的列“$1”是映射不认识的；请把它加入 $2 的 `columns` 或 `ignore`"
    ),
    (#"the file has the column “(.*)” more than once; keep one"#, "文件中列“$1”出现多次；只保留一列"),
    (
      #"the workbook was made from the template of (\S+), and its rows are read as (\S+); .*"#,
      "工作簿由 $1 的模板制成，而它的行按 $2 读取；请按 $1 的映射更改文件名，或填写 `banyan template $2` 的模板"
    ),
    ("the file was written to while it was read; .*", "读取期间文件被改动；请在文件写完后重新导入"),
    (
      #"this login may not add all rows of the file, so nothing of it is loaded: (.*); leave out .*"#,
      "此登录无权写入文件的全部行，文件未入库：$1；请去掉不属于本机构的行，或由全行的导入人员导入"
    ),
    (
      #"the database refused the file, so nothing of it is loaded: (.*)"#,
      "数据库拒收此文件，文件未入库：$1"
    ),
    (#"(.*) is empty: a header line was expected; .*"#, "$1 是空文件：缺少表头；请发送方重新发送"),
    (
      #"(.*), line (\d+): the header cannot be used because (.*); correct it first"#,
      "$1 第 $2 行：表头不可用：$3；请先更正表头"
    ),
    (
      #"(.*) cannot be opened: (.*); check the name and the permissions"#,
      "$1 无法打开：$2；请检查文件名和权限"
    ),
    (
      #"(.*) could not be read to its end: (.*); nothing after that point is known"#,
      "$1 未能读完：$2；其后的内容不明"
    ),
    (#"(.*) cannot be used: (.*)"#, "$1 不可用：$2"),
    (
      #"(.*) is said to be in the encoding (\S+), which this system cannot convert"#,
      "$1 标明的编码是 $2，本系统无法转换"
    ),
  ]

  /// What stands within refusals.
  private static let partsOfRefusals: [(pattern: String, words: String)] =
    [
      (#"(“.*”) or (“.*”)"#, "$1 或 $2"), ("No such file or directory", "没有此文件"),
      ("Permission denied", "没有读取权限"), ("it is a directory", "它是一个文件夹"),
      (#"truncated .* input|Truncated .*"#, "压缩数据不完整；请重新索取"),
      (#"it is no sound archive.*"#, "它不是完好的压缩文件；请重新索取"),
      (
        #"its first line has (\d+) fields, and a table has at most (\d+); .*"#,
        "首行有 $1 个字段，表格最多 $2 列；请索取首行为列名的文件"
      ),
      (
        #"field (\d+) of its first line has (\d+) bytes, which is no name of a column; .*"#,
        "首行第 $1 个字段有 $2 字节，不是列名；请索取首行为列名的文件"
      ),
      (
        #"it grows to more than (\d+) times its size, as no file of rows does"#,
        "解压后超过原大小的 $1 倍，不是正常的数据文件"
      ),
      ("its checksum does not agree with what it holds: .*", "校验和与内容不符：传输中已损坏，或由多个文件拼成；请重新压缩"),
      (
        "it is a workbook in the form of Excel before 2007; .*",
        "它是 Excel 2007 以前格式的工作簿；请另存为 .xlsx 或 CSV"
      ),
      ("it is protected by a password; .*", "它有密码保护；请取消密码后重新发送"),
      ("it is a zip archive, but no workbook of Excel; .*", "它是 zip 压缩文件，不是 Excel 工作簿；请先解压"),
      (#"the workbook has no sheet “(.*)”; it has (.*)"#, "工作簿没有工作表“$1”；它有 $2"),
      ("the workbook has no sheet that can be seen", "工作簿没有可见的工作表"),
      (
        #"the workbook has the sheets (.*); write `sheet:` in the mapping to say which one is meant"#,
        "工作簿有多个填了数据的工作表：$1；请在映射中用 `sheet:` 指明"
      ),
      (#"it has no part (\S+) for (.*)"#, "工作表 $2 的部件 $1 不存在"),
      (
        #"its part (\S+) is no sound XML in line (\d+) \((.*)\); .*"#,
        "部件 $1 第 $2 行不是正确的 XML（$3）；请用 Excel 打开后重新保存"
      ),
      (#"its part (\S+) is damaged \((.*)\); ask for it again"#, "部件 $1 已损坏（$2）；请重新索取"),
      (
        #"its part (\S+) unpacks to (\d+) bytes, as no workbook does"#,
        "部件 $1 解压后有 $2 字节，不是正常的工作簿"
      ),
      (
        #"its part (\S+) holds (\d+) bytes without an element or a text, as no workbook does"#,
        "部件 $1 有 $2 字节没有任何元素和文字，不是正常的工作簿"
      ),
      (
        #"the texts of its cells have more than (\d+) MB; .*"#,
        "单元格的文字超过 $1 MB；请改发 CSV，或分成几个工作簿"
      ),
      (#"what begins in line (\d+) does not end; ask for it again"#, "从第 $1 行开始的内容没有结束；请重新索取"),
      (#"in line (\d+) it is no JSON: (.*); have it exported again"#, "第 $1 行不是 JSON（$2）；请重新导出"),
      ("the list does not end; ask for it again", "列表没有结束；请重新索取"),
      (
        #"its objects have more than (\d+) different keys, as no rows of a table have"#,
        "对象的键超过 $1 种，不是表格的行"
      ),
      ("it holds no object with a key; .*", "没有带键的对象；应为对象的列表，或每行一个对象"),
    ] + [.wrongFieldCount, .wrongQuotes, .undecodable, .tooLong].flatMap(asParts)

  /// What is wrong with a row, as it stands within the sentence on a header.
  private static func asParts(_ code: RejectionCode) -> [(pattern: String, words: String)] {
    (chinese[code] ?? []).map { pattern, words in
      (pattern.replacing("the row is bad because ", with: ""), words)
    }
  }
}
