/// What a workbook says of itself: its sheets, its epoch, and which styles show numbers as days.
struct WorkbookStructure {
  /// A sheet in the order of its tabs.
  struct Sheet {
    let name: String
    let part: String
    let isHidden: Bool
  }

  private(set) var sheets: [Sheet] = []
  private(set) var countsFrom1904 = false
  private(set) var styles = NumberStyles()
  private(set) var sharedStringsPart: String?

  init(_ archive: WorkbookArchive) throws(FileProblem) {
    let packageRelations = try Relations(of: "", in: archive)
    guard let main = packageRelations.target(ofType: "officeDocument") ?? Self.usual(archive)
    else {
      throw .unusable(
        path: archive.path, reason: "it is a zip archive, but no workbook of Excel; unpack it first"
      )
    }
    let relations = try Relations(of: main, in: archive)
    let reading = WorkbookReading()
    try archive.parse(main, with: reading)
    countsFrom1904 = reading.countsFrom1904
    for sheet in reading.sheets {
      // Chart sheets have another type.
      guard let part = relations.target(sheet.relation, ofType: "worksheet") else { continue }
      sheets.append(Sheet(name: sheet.name, part: part, isHidden: sheet.isHidden))
    }
    if let part = relations.target(ofType: "styles") {
      let reading = StyleReading()
      try archive.parse(part, with: reading)
      styles = reading.styles
    }
    sharedStringsPart = relations.target(ofType: "sharedStrings")
  }

  private static func usual(_ archive: WorkbookArchive) -> String? {
    archive.partNames.first { $0 == "xl/workbook.xml" }
  }
}

extension WorkbookArchive {
  /// Reads a part as XML; one that is missing is as if it were empty.
  func parse(_ name: String, with handler: any XMLHandler) throws(FileProblem) {
    guard let part = try part(name) else { return }
    try XMLReader(part, named: name, in: path, handler).finish()
  }
}

/// The relations of a part: which other parts it names, and what they are.
private struct Relations {
  private var targets: [String: (type: String, part: String)] = [:]

  init(of part: String, in archive: WorkbookArchive) throws(FileProblem) {
    let folder = part.split(separator: "/").dropLast().joined(separator: "/")
    let file = part.split(separator: "/").last ?? ""
    let reading = RelationReading()
    try archive.parse((folder.isEmpty ? "" : folder + "/") + "_rels/\(file).rels", with: reading)
    for relation in reading.relations {
      targets[relation.id] = (relation.type, Self.resolve(relation.target, in: folder))
    }
  }

  /// The part of a relation, if its type ends with the word.
  func target(_ id: String, ofType type: String) -> String? {
    targets[id].flatMap { $0.type.hasSuffix("/" + type) ? $0.part : nil }
  }

  func target(ofType type: String) -> String? {
    targets.values.first { $0.type.hasSuffix("/" + type) }?.part
  }

  /// The name within the archive of a target that is relative to a folder or absolute.
  private static func resolve(_ written: String, in folder: String) -> String {
    // Some programs of Windows write its separators.
    let target = written.replacing("\\", with: "/")
    if target.hasPrefix("/") { return String(target.dropFirst()) }
    var parts = folder.split(separator: "/")
    for part in target.split(separator: "/") {
      if part == ".." {
        if !parts.isEmpty { parts.removeLast() }
      } else if part != "." {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }
}

private final class RelationReading: XMLHandler {
  var relations: [(id: String, type: String, target: String)] = []

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    guard name == "Relationship", let id = attributes["Id"], let type = attributes["Type"],
      let target = attributes["Target"]
    else { return }
    relations.append((id, type, target))
  }
  func end(_ name: XMLName) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

private final class WorkbookReading: XMLHandler {
  var sheets: [(name: String, relation: String, isHidden: Bool)] = []
  var countsFrom1904 = false

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "sheet", let title = attributes["name"], let relation = attributes["id"] {
      let state = attributes["state"] ?? "visible"
      sheets.append((title, relation, state != "visible"))
    } else if name == "workbookPr" {
      countsFrom1904 = ["1", "true"].contains(attributes["date1904"] ?? "0")
    }
  }
  func end(_ name: XMLName) {}
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// How the cells of each style show their numbers.
struct NumberStyles {
  /// What a number is.
  enum Meaning { case number, day, dayAndTime, time }

  fileprivate(set) var meanings: [Meaning] = []

  subscript(_ style: Int) -> Meaning {
    meanings.indices.contains(style) ? meanings[style] : .number
  }
}

private final class StyleReading: XMLHandler {
  private var formats: [Int: String] = [:]
  private var isInCells = false
  var styles = NumberStyles()

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    if name == "numFmt", let id = attributes["numFmtId"].flatMap({ Int($0) }) {
      formats[id] = attributes["formatCode"]
    } else if name == "cellXfs" {
      isInCells = true
    } else if isInCells, name == "xf" {
      let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
      styles.meanings.append(meaning(of: id))
    }
  }

  func end(_ name: XMLName) { if name == "cellXfs" { isInCells = false } }
  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}

  private func meaning(of id: Int) -> NumberStyles.Meaning {
    if let code = formats[id] { return NumberStyles.Meaning(format: code) }
    return switch id {
    // The formats that every Excel has; those from 27 on are the days of East Asian ones.
    case 14...17, 27...31, 34...36, 50...54, 57, 58: .day
    case 18...21, 32, 33, 45...47, 55, 56: .time
    case 22: .dayAndTime
    default: .number
    }
  }
}

extension NumberStyles.Meaning {
  /// Reads a format such as `yyyy"年"m"月"d"日"`: letters outside quotes, brackets and escapes tell.
  init(format: String) {
    var days = false
    var times = false
    var mayBeMonthOrMinute = false
    var quoted = false
    var escaped = false
    var bracket: String?
    // Only the first section counts: it is for positive numbers.
    characters: for character in format {
      if escaped {
        escaped = false
      } else if let open = bracket {
        if character == "]" {
          // `[h]` is a time that passes 24 hours; `[Red]` and `[$-804]` are none.
          if ["h", "hh", "m", "mm", "s", "ss"].contains(open.lowercased()) { times = true }
          bracket = nil
        } else {
          bracket = open + String(character)
        }
      } else if character == "\"" {
        quoted.toggle()
      } else if quoted {
        continue
      } else {
        switch character {
        case "\\", "_", "*": escaped = true
        case "[": bracket = ""
        case ";": break characters
        case "y", "Y", "d", "D", "e": days = true
        case "h", "H", "s", "S": times = true
        case "m", "M": mayBeMonthOrMinute = true
        default: break
        }
      }
    }
    // An e with a digit before is an exponent.
    if format.contains("0E") || format.contains("0e") || format.contains("#E") { days = false }
    if format.lowercased() == "general" { days = false; times = false }
    if mayBeMonthOrMinute, !days, !times { days = true }
    self = days ? (times ? .dayAndTime : .day) : times ? .time : .number
  }
}
