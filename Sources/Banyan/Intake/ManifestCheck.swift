import Exchange
import Quantities

/// Compares what a manifest says with the files that came, before anything of them is taken in.
struct ManifestCheck {
  let manifest: Manifest
  /// The files that came: their names, where they are, and how they are read.
  let files: [(name: String, path: String, mapping: Mapping?)]

  /// Everything that does not agree; empty when the delivery is as its sender meant it.
  func disagreements() throws -> [String] {
    let named = Dictionary(grouping: manifest.files, by: \.name)
    var findings = named.filter { $0.value.count > 1 }.keys.sorted().map {
      "“\($0)” stands in the manifest twice"
    }
    let known = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for file in manifest.files {
      guard let (name, path, mapping) = known[file.name] else {
        findings.append("“\(file.name)” is in the manifest and did not come")
        continue
      }
      findings += try disagreements(of: file, name: name, path: path, mapping)
    }
    findings += files.filter { named[$0.name] == nil }.map {
      "“\($0.name)” came and is not in the manifest"
    }
    return findings
  }

  private func disagreements(
    of file: Manifest.File, name: String, path: String, _ mapping: Mapping?
  ) throws -> [String] {
    guard let mapping else { return ["“\(name)” is described by no mapping"] }
    let source: SourceFile
    let totals: (rows: Int, sums: [ExactDecimal])
    do {
      source = try SourceFile(path: path)
      if let digest = file.digest, digest != hexadecimal(source.digest) {
        return [
          "“\(name)” has the SHA-256 \(hexadecimal(source.digest)), and the manifest says \(digest)"
        ]
      }
      totals = try count(file, in: source, mapping)
    } catch let error as BanyanError {
      return ["“\(name)”: \(error.description)"]
    } catch let error as FileProblem {
      return ["“\(name)”: \(error.description)"]
    }
    var findings: [String] = []
    if totals.rows != file.rows {
      findings.append("“\(name)” has \(count(totals.rows)), and the manifest says \(file.rows)")
    }
    for (wanted, sum) in zip(file.sums, totals.sums) where wanted.sum != sum {
      findings.append(
        "the sum of “\(wanted.header)” in “\(name)” is \(sum), and the manifest says \(wanted.sum)")
    }
    return findings
  }

  private func count(_ rows: Int) -> String { rows == 1 ? "1 row" : "\(rows) rows" }

  /// Counts the rows of a file, bad ones too, and sums the columns that have a control total.
  private func count(
    _ file: Manifest.File, in source: SourceFile, _ mapping: Mapping
  ) throws -> (rows: Int, sums: [ExactDecimal]) {
    let reader = try source.reader(for: mapping)
    let fields = try file.sums.map { total in
      guard let field = reader.header.firstIndex(of: total.header) else {
        throw BanyanError.data("it has no column “\(total.header)”, whose sum the manifest gives")
      }
      return field
    }
    var sums = fields.map { _ in ExactDecimal.zero }
    var rows = 0
    while let record = try reader.next() {
      rows += 1
      if rows % ImportProgress.step == 0 { try Task.checkCancellation() }
      if record.problem != nil {
        if fields.isEmpty { continue }
        throw BanyanError.data(
          "line \(record.lineNumber) is bad, so no sum can be made: \(record.problem.map { "\($0)" } ?? "")"
        )
      }
      for (index, field) in fields.enumerated() {
        let text = record.string(field).trimmingBlanks
        if text.isEmpty { continue }
        guard let value = ExactDecimal(text), let sum = try? sums[index] + value else {
          throw BanyanError.data(
            "line \(record.lineNumber) has “\(text)” in “\(reader.header[field])”, which cannot be added to its sum"
          )
        }
        sums[index] = sum
      }
    }
    return (rows, sums)
  }
}

extension String {
  /// Without blanks and tabs around it.
  fileprivate var trimmingBlanks: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
