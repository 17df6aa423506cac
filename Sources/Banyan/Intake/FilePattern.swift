import Foundation

/// A path in which `*` stands for any characters but a slash. A file that is compressed has the name
/// of what it holds, and the ending of its compression after it or not.
struct FilePattern {
  private let parts: [[Substring]]

  /// How many names a path has that it matches.
  var depth: Int { parts.count }

  init(_ pattern: String) {
    parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.split(separator: "*", omittingEmptySubsequences: false)
    }
  }

  func matches(_ path: String) -> Bool {
    if matchesWholly(path) { return true }
    let ending = [".gz", ".zst"].first(where: path.hasSuffix)
    return ending.map { matchesWholly(String(path.dropLast($0.count))) } ?? false
  }

  private func matchesWholly(_ path: String) -> Bool {
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    return names.count == parts.count && zip(parts, names).allSatisfy { Self.matches($1, $0) }
  }

  /// Whether a name consists of the pieces with anything between them.
  private static func matches(_ name: Substring, _ pieces: [Substring]) -> Bool {
    guard let first = pieces.first, let last = pieces.last, name.hasPrefix(first) else {
      return false
    }
    if pieces.count == 1 { return name == first }
    var rest = name.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() {
      guard let range = piece.isEmpty ? rest.startIndex..<rest.startIndex : rest.range(of: piece)
      else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
