/// Quoting of values for the texts that PostgreSQL and libpq read.
enum ConnectionText {
  /// A value of a libpq keyword text: always in single quotes, with quotes and backslashes escaped.
  static func quotedKeywordValue(_ value: String) -> String {
    var quoted = "'"
    for character in value.unicodeScalars {
      if character == "'" || character == "\\" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "'"
  }

  /// A part of a URL: every byte but letters, digits and `-._~` becomes %XX.
  static func percentEncoded(_ value: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var encoded = ""
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return encoded
  }

  /// A value of postgresql.conf: in single quotes, with quotes doubled and backslashes escaped.
  static func quotedSetting(_ value: String) -> String {
    var quoted = "'"
    for character in value.unicodeScalars {
      if character == "'" { quoted += "'" }
      if character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "'"
  }

  /// One folder as a list of folders for `unix_socket_directories`, where commas and blanks count.
  static func folderList(_ folder: String) -> String {
    var list = "\""
    for character in folder.unicodeScalars {
      if character == "\"" { list += "\"" }
      list.unicodeScalars.append(character)
    }
    return list + "\""
  }
}
