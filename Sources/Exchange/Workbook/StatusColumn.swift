/// The column in which a workbook that goes back to its sender says what became of each row. It is not the
/// sender's, so a reader passes over it.
public enum StatusColumn {
  /// Its heading in English and in Chinese.
  public static let headings = ["Import status", "导入状态"]

  /// Whether a heading is its.
  static func isHeading(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    headings.contains { text.elementsEqual($0.utf8) }
  }
}
