import Yams

extension DocumentNode {
  /// Records a problem at a character of this scalar, counted from 0: the column of a mistake in a
  /// formula, not that of the formula. A value that the document wraps over lines, or writes in
  /// quotes, is followed through its source.
  public func report(_ message: String, atCharacter offset: Int) {
    let start = (line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    let place = document.place(of: offset, in: plainText ?? "", from: start)
    document.append(
      DocumentProblem(line: place.line, column: place.column, path: path, message: message))
  }

  /// Records something that is allowed but unusual, for the person who checks the document.
  public func warn(_ message: String) {
    document.appendWarning(
      DocumentProblem(
        line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, path: path, message: message))
  }
}

extension Document {
  /// Where a character of a scalar stands in the source. Line breaks and indentation of the source
  /// are one blank of the value; quotes and the sign of a folded value are none of it.
  fileprivate func place(
    of offset: Int, in value: String, from start: (line: Int, column: Int)
  ) -> (line: Int, column: Int) {
    var (line, column) = start
    func character() -> Character? {
      guard sourceLines.indices.contains(line - 1) else { return nil }
      let text = sourceLines[line - 1]
      return column - 1 < text.count ? text[column - 1] : nil
    }
    func skipBlanks() {
      while line <= sourceLines.count {
        guard let next = character() else {
          (line, column) = (line + 1, 1)
          continue
        }
        if next != " " { return }
        column += 1
      }
    }
    if let sign = character(), sign == ">" || sign == "|" {
      (line, column) = (line + 1, 1)
      skipBlanks()
    } else if let quote = character(), quote == "\"" || quote == "'" {
      column += 1
    }
    for (position, letter) in value.enumerated() {
      if position == offset { break }
      if letter == " ", character() == nil || character() == " " {
        skipBlanks()
      } else {
        column += 1
      }
    }
    return character() == nil && line > sourceLines.count ? start : (line, column)
  }
}
