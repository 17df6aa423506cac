import Yams

/// A scalar of a document that is read with another value than the text says: what if the price were
/// 13.00? The document itself stays as it is.
public struct DocumentChange: Hashable, Sendable {
  /// Where it stands: keys joined by points, items of lists by their code or their position in
  /// brackets, such as `components[deposits].price`.
  public let path: String
  /// The value to read there.
  public let value: String

  /// Names a place and the value to read there.
  public init(path: String, value: String) {
    self.path = path
    self.value = value
  }

  /// The parts of the path: keys and items.
  private var steps: [String] {
    path.split { $0 == "." || $0 == "[" }
      .map { String($0.hasSuffix("]") ? $0.dropLast() : $0) }
  }

  /// The tree with the change made; nil if there is no such scalar.
  func applied(to root: Node) -> Node? {
    applied(to: root, steps[...])
  }

  private func applied(to node: Node, _ steps: ArraySlice<String>) -> Node? {
    guard let step = steps.first else {
      guard case .scalar(var scalar) = node else { return nil }
      scalar.string = value
      return .scalar(scalar)
    }
    switch node {
    case .mapping(var mapping):
      let key = Node(step)
      guard let child = mapping[key], let changed = applied(to: child, steps.dropFirst()) else {
        return nil
      }
      mapping[key] = changed
      return .mapping(mapping)
    case .sequence(var sequence):
      let named = sequence.firstIndex { $0.mapping?[Node("code")]?.scalar?.string == step }
      guard let position = named ?? Int(step), sequence.indices.contains(position),
        let changed = applied(to: sequence[position], steps.dropFirst())
      else { return nil }
      sequence[position] = changed
      return .sequence(sequence)
    case .scalar, .alias: return nil
    }
  }
}
