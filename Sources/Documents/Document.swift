import Yams

/// A YAML document that people write and Banyan checks: a plan, a mapping, a report's header. It
/// collects what is wrong with it, so that one reading finds every problem.
public final class Document {
  /// The longest document that is read, in bytes: people wrote it, so it is short.
  public static let sizeLimit = 1_048_576
  /// The most problems that are reported: nobody corrects more at a time.
  public static let problemLimit = 100

  /// What the document is, for messages: `plan`, `mapping`.
  let kind: String
  /// What each key says, for messages about a key that is missing.
  let meanings: [String: String]
  /// The source, line by line, to find the column of a character within a value.
  lazy var sourceLines = source.split(separator: "\n", omittingEmptySubsequences: false)
    .map(Array.init)
  private let source: String
  private var problems: [DocumentProblem] = []
  /// What is allowed but unusual, in the order in which it was found.
  public private(set) var warnings: [DocumentProblem] = []

  private init(kind: String, meanings: [String: String], source: String) {
    self.kind = kind
    self.meanings = meanings
    self.source = source
  }

  func appendWarning(_ warning: DocumentProblem) {
    if warnings.count < Self.problemLimit { warnings.append(warning) }
  }

  func append(_ problem: DocumentProblem) {
    if problems.count < Self.problemLimit { problems.append(problem) }
  }

  /// Reads a document from YAML.
  ///
  /// - Parameters:
  ///   - yaml: The text.
  ///   - kind: What it is, for messages: `plan`, `mapping`.
  ///   - meanings: What each key says, for messages about a key that is missing.
  ///   - changes: Values to read in other places than the text says, for what-if questions.
  ///   - read: Reads the value from the root; nil if something was reported.
  /// - Throws: ``DocumentError`` with everything that is wrong, each with line, column and path.
  public static func read<Value>(
    yaml: String, kind: String, meanings: [String: String], changes: [DocumentChange] = [],
    _ read: (DocumentNode) -> Value?
  ) throws(DocumentError) -> Value {
    let document = Document(kind: kind, meanings: meanings, source: yaml)
    var tree = try rootNode(of: yaml)
    for change in changes {
      guard let changed = change.applied(to: tree) else {
        throw DocumentError(problems: [
          DocumentProblem(
            line: 1, column: 1, path: change.path,
            message: "there is no single value at this place of the \(kind); name one that it has")
        ])
      }
      tree = changed
    }
    let root = DocumentNode(node: tree, path: "", document: document)
    let value = read(root)
    guard let value, document.problems.isEmpty else {
      throw DocumentError(problems: document.problems)
    }
    return value
  }

  /// The root of a YAML text; a text that is not YAML, or not one document, is one problem.
  private static func rootNode(of yaml: String) throws(DocumentError) -> Node {
    func refusal(_ message: String, line: Int = 1, column: Int = 1) -> DocumentError {
      DocumentError(problems: [
        DocumentProblem(line: line, column: column, path: "", message: message)
      ])
    }
    if yaml.utf8.count > sizeLimit {
      throw refusal("the document is longer than \(sizeLimit) bytes; it should be a short text")
    }
    if let alias = firstAlias(in: yaml) {
      throw refusal(
        "*\(alias.name) repeats the part that is marked &\(alias.name); write that part out instead",
        line: alias.line, column: alias.column)
    }
    do {
      if let node = try compose(yaml: yaml) { return node }
    } catch YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      throw refusal(
        "this is not YAML: \(problem); check indentation, colons and quotes",
        line: mark.line, column: mark.column)
    } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
      let keys = duplicates.sorted().joined(separator: ", ")
      throw refusal(
        "the keys that start here hold \(keys) more than once; keep one",
        line: context.mark.line, column: context.mark.column)
    } catch YamlError.reader(let problem, _, _, _) {
      throw refusal("the document cannot be read as text: \(problem); save it as UTF-8")
    } catch {
      throw refusal("the document cannot be read as YAML: \(error)")
    }
    throw refusal("the document is empty")
  }
}
