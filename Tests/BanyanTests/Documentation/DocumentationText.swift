import Foundation
import TestSupport

/// The text of a file of this repository.
func documentation(_ path: String) throws -> String {
  try String(contentsOfFile: SharedData.packageFolder + "/" + path, encoding: .utf8)
}

/// The first line in which two texts differ, both as they are; nil if they are the same.
func firstDifference(_ left: String, _ right: String) -> String? {
  if left == right { return nil }
  let (left, right) = (left.components(separatedBy: "\n"), right.components(separatedBy: "\n"))
  for number in 0..<max(left.count, right.count) {
    let here = number < left.count ? left[number] : "(nothing)"
    let there = number < right.count ? right[number] : "(nothing)"
    if here != there { return "line \(number + 1):\n\(here)\n\(there)" }
  }
  return "the ends of the lines differ"
}

/// The part of a Markdown text below a heading, up to the next heading of the same or a higher level.
func section(_ heading: String, of text: String) -> String? {
  let lines = text.components(separatedBy: "\n")
  guard let start = lines.firstIndex(of: heading) else { return nil }
  let level = heading.prefix { $0 == "#" }.count
  let rest = lines[(start + 1)...]
  let end = rest.firstIndex { line in
    line.hasPrefix("#") && line.prefix { $0 == "#" }.count <= level
  }
  return rest[..<(end ?? lines.endIndex)].joined(separator: "\n")
}

/// The cells of the rows of the first table in a Markdown text, without its head.
func tableRows(_ text: String) -> [[String]] {
  let lines = text.components(separatedBy: "\n").drop { !$0.hasPrefix("|") }
  return lines.prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
    line.dropFirst().dropLast().components(separatedBy: "|")
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

/// The code blocks of one language in a Markdown text.
func codeBlocks(_ language: String, in text: String) -> [String] {
  text.components(separatedBy: "\n```\(language)\n").dropFirst().map { rest in
    (rest.components(separatedBy: "\n```").first ?? "") + "\n"
  }
}
