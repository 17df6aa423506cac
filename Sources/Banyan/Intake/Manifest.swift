import Documents
import Exchange
import Foundation
import Quantities

/// What a sender says about the files of a delivery, so that a file that is missing, cut or changed on the way is
/// noticed: `manifest.yaml` or `manifest.json` beside them (docs/import.md).
struct Manifest: Sendable {
  /// Names under which it is looked for.
  static let names = ["manifest.yaml", "manifest.yml", "manifest.json"]

  /// What it says about one file.
  struct File: Sendable {
    let name: String
    let rows: Int
    /// SHA-256 in hexadecimal digits.
    let digest: String?
    /// Control totals: the sum of each of these columns, by their headers in the file.
    let sums: [(header: String, sum: ExactDecimal)]
  }

  /// What the delivery calls itself.
  let name: String
  /// Code of the branch that sends it.
  let branch: String?
  /// The month that it is about.
  let month: Month?
  let files: [File]
  /// SHA-256 of the text.
  let digest: [UInt8]

  /// Reads the manifest of a folder; nil if it has none.
  ///
  /// - Throws: ``BanyanError`` with everything that is wrong with it.
  static func of(folder: String) throws -> Manifest? {
    let found = names.filter { FileManager.default.fileExists(atPath: folder + "/" + $0) }
    guard let name = found.first else { return nil }
    if found.count > 1 {
      throw BanyanError.data(
        "the folder has \(found.count) manifests, \(found.joined(separator: " and ")); keep one")
    }
    guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else {
      throw BanyanError.data("\(name) is not UTF-8 text; save it as UTF-8")
    }
    do {
      // JSON is YAML but for its tabs, which mean nothing outside of strings and are not in them.
      return try Manifest(yaml: name.hasSuffix(".json") ? text.replacing("\t", with: " ") : text)
    } catch {
      throw BanyanError.data(error.problems.map { "\(name): \($0)" }.joined(separator: "\n"))
    }
  }

  /// Reads a manifest.
  init(yaml: String) throws(DocumentError) {
    let meanings = [
      "submission": "what the delivery is called, such as B001-2026-10",
      "files": "the files of the delivery", "file": "the name of the file",
      "rows": "how many rows of data the file has, without its header",
    ]
    self = try Document.read(yaml: yaml, kind: "manifest", meanings: meanings) { root in
      guard let top = DocumentMapping(root, keys: ["submission", "branch", "period", "files"])
      else {
        return nil
      }
      let name = top.required("submission")?.text("what the delivery is called")
      let branch = top.optional("branch")?.text("the code of a branch")
      let month = top.optional("period").flatMap(Self.month)
      let files = top.required("files")?.list(of: "the files", atMost: PackedFiles.fileLimit)?
        .compactMap(Self.file)
      guard let name, let files else { return nil }
      return Manifest(
        name: name, branch: branch, month: month, files: files, digest: Digest.of(yaml))
    }
  }

  private init(name: String, branch: String?, month: Month?, files: [File], digest: [UInt8]) {
    self.name = name
    self.branch = branch
    self.month = month
    self.files = files
    self.digest = digest
  }

  private static func month(_ node: DocumentNode) -> Month? {
    guard let text = node.text("a month such as 2026-10") else { return nil }
    if let month = Month(text) { return month }
    node.report("\"\(text)\" is not a month; write it as 2026-10")
    return nil
  }

  static func file(_ node: DocumentNode) -> File? {
    guard let keys = DocumentMapping(node, keys: ["file", "rows", "sha256", "sums"]) else {
      return nil
    }
    let name = keys.required("file")?.text("the name of a file")
    let rows = keys.required("rows")?.wholeNumber(in: 0...1_000_000_000_000)
    let digest = keys.optional("sha256")
    let text = digest?.text("64 hexadecimal digits")?.lowercased()
    if let text, text.count != 64 || !text.allSatisfy(\.isHexDigit) {
      digest?.report("\"\(text)\" is not a SHA-256; write its 64 hexadecimal digits")
    }
    let sums = keys.optional("sums").flatMap { DocumentMapping(anyKeys: $0) }?.entries.compactMap {
      entry -> (header: String, sum: ExactDecimal)? in
      guard let text = entry.value.text("a sum such as 1200.50") else { return nil }
      guard let sum = ExactDecimal(text) else {
        entry.value.report("\"\(text)\" is not a plain number; write digits and a point")
        return nil
      }
      return (entry.key, sum)
    }
    guard let name, let rows else { return nil }
    return File(name: name, rows: rows, digest: text, sums: sums ?? [])
  }
}
