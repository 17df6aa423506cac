import Documents
import Exchange
import Foundation

/// A text for people in the languages in which it was written. English is always there.
public struct Wording: Hashable, Sendable {
  /// In English, or in whatever language its author writes when there is only one.
  public let english: String
  /// In Chinese; nil if nobody has written it yet.
  public let chinese: String?

  /// A text in one language or both.
  public init(_ english: String, chinese: String? = nil) {
    self.english = english
    self.chinese = chinese
  }

  /// The text in a language, or in the one that there is.
  public subscript(_ language: Language) -> String {
    language == .zh ? chinese ?? english : english
  }
}

extension DocumentNode {
  /// A text, or `{en: …, zh: …}`.
  func wording(_ expected: String, onOneLine: Bool = true) -> Wording? {
    func read(_ node: DocumentNode) -> String? {
      if onOneLine { return node.text(expected) }
      guard let text = node.plainText?.trimmingCharacters(in: .whitespacesAndNewlines),
        !text.isEmpty
      else { return node.text(expected) }
      return text
    }
    guard isMapping else { return read(self).map { Wording($0) } }
    guard let keys = DocumentMapping(self, keys: ["en", "zh"]),
      let english = keys.required("en").flatMap(read)
    else { return nil }
    guard let node = keys.optional("zh") else { return Wording(english) }
    return read(node).map { Wording(english, chinese: $0) }
  }
}
