import Foundation

/// A text file of this repository.
struct SourceFile: Sendable {
  /// Its path from the package's folder, such as `Sources/Banyan/Banyan.swift`.
  let path: String
  /// Its whole text.
  let text: String

  /// Its lines, without line ends.
  var lines: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The ending of its name, without the dot.
  var kind: String { (path as NSString).pathExtension }
}

/// The files that people write in this repository.
enum SourceTree {
  /// The folder of Package.swift.
  static let root: String = {
    var path = #filePath
    for _ in 0..<3 { path = (path as NSString).deletingLastPathComponent }
    return path
  }()

  /// The texts below the folders of our own, and those next to Package.swift.
  static let files: [SourceFile] = {
    let kinds: Set = ["swift", "sql", "sh", "md", "yaml", "yml"]
    let folders = ["Sources", "Tests", "SQL", "scripts", "docs", "seeds", "Docker", "Benchmarks"]
    var paths = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    for folder in folders {
      guard let walk = FileManager.default.enumerator(atPath: root + "/" + folder) else { continue }
      for case let path as String in walk { paths.append(folder + "/" + path) }
    }
    return paths.sorted().compactMap { path in
      guard kinds.contains((path as NSString).pathExtension),
        let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8)
      else { return nil }
      return SourceFile(path: path, text: text)
    }
  }()

  /// The files of one kind below a folder.
  static func files(_ kind: String, below folder: String = "") -> [SourceFile] {
    files.filter { $0.kind == kind && $0.path.hasPrefix(folder) }
  }
}

/// The places where a rule is broken, one a line: path, line number, what is wrong.
struct Findings: CustomStringConvertible {
  private(set) var all: [String] = []

  var isEmpty: Bool { all.isEmpty }
  var description: String { all.joined(separator: "\n") }

  mutating func add(_ file: SourceFile, line: Int? = nil, _ what: String) {
    all.append(file.path + (line.map { ":\($0 + 1)" } ?? "") + ": " + what)
  }

  /// Looks at every line of some files.
  static func lines(
    of files: [SourceFile], _ rule: (_ line: String) -> String?
  ) -> Findings {
    var findings = Findings()
    for file in files {
      for (number, line) in file.lines.enumerated() {
        if let what = rule(line) { findings.add(file, line: number, what) }
      }
    }
    return findings
  }
}

/// Text with its comments and character strings blanked out, so that only code is left; line numbers
/// stay. SQL has `--` and `'...'`; Swift has `//`, and its strings stay, for they hold code.
func codeOnly(_ file: SourceFile) -> [String] {
  guard file.kind == "sql" else {
    return file.lines.map { line in
      line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
    }
  }
  var code = ""
  var inString = false
  var inComment = false
  var previous: Character = " "
  for character in file.text {
    if character == "\n" {
      inComment = false
      code.append("\n")
    } else if inComment {
      continue
    } else if character == "'" {
      inString.toggle()
      code.append(" ")
    } else if !inString {
      if character == "-" && previous == "-" { inComment = true }
      code.append(character)
    }
    previous = character
  }
  return code.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
