/// The languages in which tables and pages speak to people. Names of columns in data, and messages
/// about mistakes, are the same in both.
public enum Language: String, CaseIterable, Hashable, Sendable {
  /// English.
  case en
  /// Simplified Chinese.
  case zh

  /// The few words that a table or page adds to what it shows.
  public enum Word: Sendable {
    /// Before the sums below a table.
    case total
    /// Above a table without rows.
    case nothing
    /// How many rows there are.
    case rows
    /// What a report was asked with.
    case parameters
    /// When it was asked.
    case time
    /// Whom it was asked.
    case server
    /// Which database it was asked in.
    case database
    /// Who asked it.
    case login
    /// The report itself.
    case report
    /// A query that somebody wrote for once.
    case query
    /// A picture of the numbers.
    case chart
    /// Something that is known of a table.
    case fact
    /// What is known.
    case value
    /// What a table is called.
    case title
    /// What a table says.
    case description
    /// What follows on a page or in a workbook.
    case contents
    /// What a drawing leaves out.
    case notDrawn
  }

  /// A word in this language.
  public func word(_ word: Word) -> String {
    let (english, chinese) =
      switch word {
      case .total: ("Total", "合计")
      case .nothing: ("There is nothing to show.", "没有数据。")
      case .rows: ("Rows", "行数")
      case .parameters: ("Parameters", "参数")
      case .time: ("Time", "时间")
      case .server: ("Server", "服务器")
      case .database: ("Database", "数据库")
      case .login: ("Login", "登录名")
      case .report: ("Report", "报表")
      case .query: ("Query", "查询")
      case .chart: ("Chart", "图表")
      case .fact: ("Item", "项目")
      case .value: ("Value", "内容")
      case .title: ("Title", "标题")
      case .description: ("Description", "说明")
      case .contents: ("Contents", "目录")
      case .notDrawn: ("not drawn; all are in the table", "未绘出，表中列出全部")
      }
    return self == .en ? english : chinese
  }
}
