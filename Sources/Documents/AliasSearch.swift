/// The first alias (`*name`) of an anchor (`&name`) in a YAML text, or what looks like one; nil if
/// there is none.
///
/// A few lines of aliases of aliases stand for billions of values, and comparing keys that are made
/// of them never ends. So documents do without, and the text is searched before anything is built
/// from it.
func firstAlias(in yaml: String) -> (name: String, line: Int, column: Int)? {
  let bytes = Array(yaml.utf8)
  func names(after sign: UInt8) -> [(name: ArraySlice<UInt8>, position: Int)] {
    bytes.indices
      .filter { bytes[$0] == sign }
      .map { (bytes[($0 + 1)...].prefix(while: isNameByte), $0) }
      .filter { !$0.name.isEmpty }
  }
  let anchors = Set(names(after: UInt8(ascii: "&")).map(\.name))
  guard let alias = names(after: UInt8(ascii: "*")).first(where: { anchors.contains($0.name) })
  else { return nil }
  let lines = bytes[..<alias.position].split(
    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  return (
    String(decoding: alias.name, as: UTF8.self), lines.count,
    String(decoding: lines[lines.count - 1], as: UTF8.self).unicodeScalars.count + 1
  )
}

/// Whether a byte can be part of the name of an anchor.
private func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
    true
  default: false
  }
}
