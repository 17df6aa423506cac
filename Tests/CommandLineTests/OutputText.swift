import Exchange

/// Text as bytes of another encoding.
enum OutputText {
  static func encoded(_ text: String, in encoding: TextEncoding = .gb18030) throws -> [UInt8] {
    let sink = try OutputSink.memory(encoding: encoding)
    try sink.write(text)
    try sink.close()
    return sink.bytes
  }
}
