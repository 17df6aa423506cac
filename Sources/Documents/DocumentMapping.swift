import Yams

/// A mapping in a document. Unknown keys, repeated keys and missing keys are problems: a document
/// says everything that it means and nothing that it does not.
public struct DocumentMapping {
  /// The mapping itself.
  public let place: DocumentNode
  /// The keys with their values, in the order in which they are written.
  public private(set) var entries: [(key: String, value: DocumentNode)] = []
  private var keys: [String: DocumentNode] = [:]

  /// Reads the keys; nil if the value is not a mapping. Keys other than those known are reported
  /// with the nearest known name.
  public init?(_ place: DocumentNode, keys known: [String]) {
    self.init(anyKeys: place)
    refuseKeys(otherThan: known)
  }

  /// Reports the keys other than those known, with the nearest known name.
  public func refuseKeys(otherThan known: [String]) {
    for (name, _) in entries where !known.contains(name) {
      let hint =
        nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
        ?? "the keys here are \(known.joined(separator: ", "))"
      keys[name]?.report("the key `\(name)` is not known here; \(hint)")
    }
  }

  /// Reads a mapping whose keys are checked later, or chosen by the document itself; nil if the
  /// value is not a mapping.
  public init?(anyKeys place: DocumentNode) {
    guard case .mapping(let mapping) = place.node else {
      place.report("nested keys are expected here, each followed by a colon and its value")
      return nil
    }
    self.place = place
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      let path = place.path.isEmpty ? name : "\(place.path).\(name)"
      let keyNode = DocumentNode(node: key, path: path, document: place.document)
      if name.isEmpty {
        keyNode.report("a key is not a plain name; write a name followed by a colon")
      } else if keys.updateValue(keyNode, forKey: name) != nil {
        keyNode.report("the key `\(name)` stands here twice; keep one")
      } else {
        entries.append((name, DocumentNode(node: value, path: path, document: place.document)))
      }
    }
  }

  /// The value of a key that may be left out.
  public func optional(_ key: String) -> DocumentNode? {
    entries.first { $0.key == key }?.value
  }

  /// The value of a key; a missing one is reported with what it has to say.
  public func required(_ key: String) -> DocumentNode? {
    if let value = optional(key) { return value }
    let meaning = place.document.meanings[key].map { "; it says \($0)" } ?? ""
    place.report("the key `\(key)` is missing\(meaning)")
    return nil
  }
}
