import Yams

extension DocumentNode {
  /// The value as a YAML text that depends on nothing but what it says: keys in alphabetical order,
  /// no remarks, no layout. Two documents that say the same have the same canonical text.
  public var canonicalText: String {
    var text = ""
    node.appendCanonical(to: &text, indent: 0)
    return text
  }

  /// Every scalar of the value with its path, in the order of the canonical text. Items of lists are
  /// named by their code where they have one, so that inserting one renames no other.
  public var leaves: [(path: String, text: String)] {
    var leaves: [(path: String, text: String)] = []
    node.collectLeaves(below: "", into: &leaves)
    return leaves
  }
}

extension Node {
  fileprivate var sortedPairs: [(key: String, value: Node)] {
    guard case .mapping(let mapping) = self else { return [] }
    return mapping.map { (key: $0.key.scalar?.string ?? "", value: $0.value) }
      .sorted { $0.key < $1.key }
  }

  fileprivate func appendCanonical(to text: inout String, indent: Int) {
    let margin = String(repeating: "  ", count: indent)
    switch self {
    case .scalar(let scalar): text += canonicalScalar(scalar.string) + "\n"
    case .mapping:
      for (key, value) in sortedPairs {
        text += margin + canonicalScalar(key) + ":" + (value.isNested ? "\n" : " ")
        value.appendCanonical(to: &text, indent: indent + 1)
      }
    case .sequence(let items):
      for item in items {
        text += margin + "-" + (item.isNested ? "\n" : " ")
        item.appendCanonical(to: &text, indent: indent + 1)
      }
    case .alias: break
    }
  }

  private var isNested: Bool { scalar == nil }

  fileprivate func collectLeaves(
    below path: String, into leaves: inout [(path: String, text: String)]
  ) {
    switch self {
    case .scalar(let scalar): leaves.append((path, scalar.string))
    case .mapping:
      for (key, value) in sortedPairs {
        value.collectLeaves(below: path.isEmpty ? key : "\(path).\(key)", into: &leaves)
      }
    case .sequence(let items):
      for (position, item) in items.enumerated() {
        let name = item.mapping?[Node("code")]?.scalar?.string ?? "\(position)"
        item.collectLeaves(below: "\(path)[\(name)]", into: &leaves)
      }
    case .alias: break
    }
  }
}

/// A scalar that YAML reads back as it is: plain where no sign in it has a meaning, else in quotes.
private func canonicalScalar(_ string: String) -> String {
  let isPlain =
    !string.isEmpty && string != "null"
    && string.utf8.allSatisfy {
      (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95
        || $0 == 46 || $0 == 45
    } && string.utf8.first != 45
  if isPlain { return string }
  var quoted = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\u{0}"..<"\u{20}", "\u{7F}":
      let digits = String(scalar.value, radix: 16)
      quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
