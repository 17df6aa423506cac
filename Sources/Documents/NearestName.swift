/// The name among the known ones that a mistyped name most likely means; nil if none is near. Up to
/// two letters, or a third of them, may differ; the beginning of a name counts as near.
public func nearestName(to name: String, among known: some Sequence<String>) -> String? {
  let letters = Array(name.lowercased())
  // A long name is not a mistyped one, and the comparison costs the product of the lengths.
  guard letters.count <= 100 else { return nil }
  let allowed = max(2, letters.count / 3)
  return
    known
    .map { (name: $0, distance: editDistance(letters, Array($0))) }
    .filter { candidate in
      (candidate.distance <= allowed && candidate.distance < candidate.name.count)
        || (letters.count >= 3 && candidate.name.hasPrefix(String(letters)))
    }
    .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
    .name
}

/// How many letters must be added, removed or replaced to turn one word into the other.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var previous = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      current.append(
        min(
          previous[column + 1] + 1, current[column] + 1,
          previous[column] + (letter == other ? 0 : 1)))
    }
    previous = current
  }
  return previous[right.count]
}
