/// The encodings in which banks send text.
public enum TextEncoding: String, Hashable, Sendable, CaseIterable {
  /// UTF-8, with or without a byte order mark.
  case utf8 = "utf-8"
  /// GB 18030, which contains GBK and GB 2312.
  case gb18030
  /// Big5, as used in Taiwan and Hong Kong.
  case big5
  /// ISO 8859-1, Western Europe.
  case latin1 = "iso-8859-1"
  /// ISO 8859-2, Central Europe.
  case latin2 = "iso-8859-2"
  /// Windows code page 1250, Central Europe.
  case windows1250 = "windows-1250"
  /// Windows code page 1252, Western Europe.
  case windows1252 = "windows-1252"
  /// UTF-16 in either order of its bytes: what spreadsheets call "Unicode text". It is written with a byte order
  /// mark and read with or without one.
  case utf16 = "utf-16"

  /// The encoding of a name as people write it (`GBK`, `utf8`, `Latin-1`, `cp936`); nil if it is
  /// none of these.
  public init?(name: String) {
    let plain = name.lowercased().filter { $0.isLetter || $0.isNumber }
    switch plain {
    case "utf8", "unicode11utf8", "ascii", "usascii", "utf8bom", "utf8sig": self = .utf8
    case "gb18030", "gbk", "gb2312", "cp936", "euccn", "ansi936": self = .gb18030
    case "big5", "cp950", "big5hkscs": self = .big5
    case "latin1", "iso88591": self = .latin1
    case "latin2", "iso88592": self = .latin2
    case "windows1250", "cp1250": self = .windows1250
    case "windows1252", "cp1252": self = .windows1252
    case "utf16", "utf16le", "utf16be": self = .utf16
    default: return nil
    }
  }

  /// The name that iconv knows.
  var iconvName: String {
    switch self {
    case .utf8: "UTF-8"
    case .gb18030: "GB18030"
    case .big5: "BIG5-HKSCS"
    case .latin1: "ISO-8859-1"
    case .latin2: "ISO-8859-2"
    case .windows1250: "CP1250"
    case .windows1252: "CP1252"
    case .utf16: "UTF-16"
    }
  }
}
