import Documents
import Exchange
import Foundation
import Quantities

/// What the folder of a whole bank says about itself: `manifest.yaml`, as deliveries have it, with what a
/// restoration needs beside the files.
struct BankManifest: Sendable {
  /// Its name in the folder.
  static let name = "manifest.yaml"
  /// The layout of folders that this release writes and reads.
  private static let layout = 1

  /// What the bank is called.
  let bank: String
  /// The last migration, and the digest of all of them.
  let schema: String
  /// The end of the audit trail when the files were written.
  let trail: AuditTrail.Head
  /// What each sequence gives next, by its name with its schema.
  let sequences: [String: Int64]
  /// Files by their paths, with the endings of compression.
  let files: [(path: String, contents: BankTable.Contents)]

  /// How many rows there are.
  var rows: Int { files.map(\.contents.rows).reduce(0, +) }

  /// The SHA-256 over what all tables hold but the audit trail, which goes on with every reading: equal banks
  /// have equal ones.
  var digest: String {
    let digest = Digest()
    for (path, contents) in files where !path.hasPrefix("tables/platform.audit_") {
      let table = path.prefix { $0 != "/" } == "tables" ? path.dropFirst(7) : path[...]
      let end = table.range(of: ".csv")?.lowerBound ?? table.endIndex
      digest.update("\(table[..<end]) \(contents.rows) \(contents.digest)\n")
    }
    return hexadecimal(digest.finish())
  }

  /// Names the schema of an installation.
  static func schema(of files: [SchemaFile]) -> String {
    let migrations = files.filter { $0.kind == .migration }
    let digest = Digest.of(migrations.map { "\($0.name) \($0.checksum)\n" }.joined())
    let last = migrations.last?.name.split(separator: "/").last.map(String.init) ?? "none"
    return "\(last) \(hexadecimal(digest))"
  }

  // MARK: - Text

  /// The manifest as a text.
  var text: String {
    let sequences = sequences.sorted { $0.key < $1.key }.map {
      "\n  \(quoted($0.key)): \($0.value)"
    }
    let files = files.map { path, contents in
      let sums = contents.sums.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \($0.value)" }
      let totals = sums.isEmpty ? "" : ", sums: {\(sums.joined(separator: ", "))}"
      return
        "\n  - {file: \(quoted(path)), rows: \(contents.rows), sha256: \(contents.digest)\(totals)}"
    }
    return """
      # A whole bank, written by `banyan export --all`; `banyan import` of this folder restores it.
      whole_bank: \(Self.layout)
      bank: \(quoted(bank))
      schema: \(quoted(schema))
      rows: \(rows)
      sha256: \(digest)
      audit_head: \(quoted("\(trail)"))
      sequences:\(sequences.isEmpty ? " {}" : sequences.joined())
      files:\(files.joined())

      """
  }

  /// A text in quotes, as both YAML and JSON have it.
  private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}": "\\u00\(hexadecimal([UInt8(scalar.value)]))"
      default: "\(scalar)"
      }
    }
    return "\"\(escaped.joined())\""
  }

  /// Whether a folder says that it holds a whole bank.
  static func isPresent(in folder: String) -> Bool {
    guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else {
      return false
    }
    return text.split(separator: "\n").contains { $0.hasPrefix("whole_bank:") }
  }

  /// Reads the manifest of a folder.
  ///
  /// - Throws: ``BanyanError`` with everything that is wrong with it.
  init(folder: String) throws {
    guard let text = try? String(contentsOfFile: folder + "/" + Self.name, encoding: .utf8) else {
      throw BanyanError.data("“\(folder)” has no \(Self.name) in UTF-8; write the bank again")
    }
    do {
      self = try Document.read(yaml: text, kind: "manifest", meanings: [:], Self.read)
    } catch {
      throw BanyanError.data(error.problems.map { "\(Self.name): \($0)" }.joined(separator: "\n"))
    }
  }

  private static func read(_ root: DocumentNode) -> BankManifest? {
    let keys = [
      "whole_bank", "bank", "schema", "rows", "sha256", "audit_head", "sequences", "files",
    ]
    guard let top = DocumentMapping(root, keys: keys),
      let layout = top.required("whole_bank"), let number = layout.wholeNumber(in: 1...1_000)
    else { return nil }
    if number != Self.layout {
      layout.report(
        "the folder is laid out in way \(number), and this release reads way \(Self.layout); restore it with the release that wrote it"
      )
      return nil
    }
    let bank = top.required("bank")?.text("what the bank is called")
    let schema = top.required("schema")?.text("the schema of the bank")
    let rows = top.required("rows")?.wholeNumber(in: 0...1_000_000_000_000_000)
    let digest = top.required("sha256")
    let head = top.required("audit_head")
    let trail = head?.text("the end of the audit trail").flatMap { AuditTrail.Head($0) }
    if let head, trail == nil { head.report("this is no end of an audit trail") }
    let sequences = top.required("sequences").flatMap { DocumentMapping(anyKeys: $0) }?.entries
      .compactMap { entry in
        entry.value.wholeNumber(in: 1...Int.max).map { (entry.key, Int64($0)) }
      }
    let files = top.required("files")?.list(of: "the files", atMost: PackedFiles.fileLimit)?
      .compactMap { Manifest.file($0) }
    guard let bank, let schema, let rows, let trail, let sequences, let files, let digest else {
      return nil
    }
    let manifest = BankManifest(
      bank: bank, schema: schema, trail: trail,
      sequences: Dictionary(sequences, uniquingKeysWith: { first, _ in first }),
      files: files.map { file in
        let sums = Dictionary(
          file.sums.map { ($0.header, $0.sum) }, uniquingKeysWith: { first, _ in first })
        return (
          file.name, BankTable.Contents(rows: file.rows, digest: file.digest ?? "", sums: sums)
        )
      })
    // What somebody has taken out of the list or changed in it shows here.
    if manifest.rows != rows || digest.text("64 hexadecimal digits") != manifest.digest {
      digest.report("the rows and digests of the files do not make these totals; it was changed")
    }
    return manifest
  }

  init(
    bank: String, schema: String, trail: AuditTrail.Head, sequences: [String: Int64],
    files: [(path: String, contents: BankTable.Contents)]
  ) {
    self.bank = bank
    self.schema = schema
    self.trail = trail
    self.sequences = sequences
    self.files = files
  }
}
