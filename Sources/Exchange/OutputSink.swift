#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where written bytes go: a file, an open descriptor such as standard output, or memory. Bytes are
/// collected and handed on in large pieces.
///
/// A file appears under its name only when ``close()`` succeeds; until then its bytes are in a
/// neighbour whose name ends in `.partial`, which goes away with an unclosed sink.
public final class OutputSink {
  /// How many bytes are collected before they are handed on.
  public static let pieceSize = 256 << 10

  private enum Target {
    case file(path: String)
    /// A device or a pipe that has a name: it is written to, never replaced.
    case device
    case descriptor
    case memory
  }

  private let name: String
  private let target: Target
  private var descriptor: Int32
  private var pending: [UInt8] = []
  private var encoder: Converter?
  private let encoding: TextEncoding
  private var handedOn: [UInt8] = []

  private init(
    name: String, target: Target, descriptor: Int32, encoding: TextEncoding
  ) throws(FileProblem) {
    self.name = name
    self.target = target
    self.descriptor = descriptor
    self.encoding = encoding
    if encoding != .utf8 {
      encoder = try Converter(
        from: "UTF-8", to: encoding.iconvName, encoding: encoding, path: name)
    }
    pending.reserveCapacity(Self.pieceSize + 4096)
  }

  /// Writes a file, which replaces one of that name when it is complete; `-` is standard output.
  /// With `byteOrderMark` the text begins with U+FEFF, which spreadsheets need to see UTF-8.
  public convenience init(
    path: String, encoding: TextEncoding = .utf8, byteOrderMark: Bool = false
  ) throws(FileProblem) {
    if path == "-" {
      try self.init(
        name: "standard output", target: .descriptor, descriptor: STDOUT_FILENO,
        encoding: encoding)
    } else if Self.isDevice(path) {
      let opened = open(path, O_WRONLY | O_CLOEXEC)
      if opened < 0 { throw .cannotOpen(path: path, reason: systemReason()) }
      try self.init(name: path, target: .device, descriptor: opened, encoding: encoding)
    } else {
      let opened = open(
        Self.partial(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o666))
      if opened < 0 { throw .cannotOpen(path: path, reason: systemReason()) }
      try self.init(
        name: path, target: .file(path: path), descriptor: opened, encoding: encoding)
    }
    if byteOrderMark { try write("\u{FEFF}") }
  }

  /// Writes to an open descriptor, which stays open.
  public convenience init(
    descriptor: Int32, name: String, encoding: TextEncoding = .utf8
  ) throws(FileProblem) {
    try self.init(name: name, target: .descriptor, descriptor: descriptor, encoding: encoding)
  }

  /// Keeps what is written, to be read from ``bytes`` after ``close()``.
  public static func memory(encoding: TextEncoding = .utf8) throws(FileProblem) -> OutputSink {
    try OutputSink(name: "memory", target: .memory, descriptor: -1, encoding: encoding)
  }

  deinit {
    if case .device = target, descriptor >= 0 { Self.closeDescriptor(descriptor) }
    if case .file(let path) = target, descriptor >= 0 {
      Self.closeDescriptor(descriptor)
      unlink(Self.partial(path))
    }
  }

  /// What a sink in memory has been given, in its encoding.
  public var bytes: [UInt8] { handedOn }

  /// Takes text.
  public func write(_ text: String) throws(FileProblem) {
    pending.append(contentsOf: text.utf8)
    try handOnIfFull()
  }

  /// Takes bytes of UTF-8, which end with a whole character.
  public func write(_ bytes: some Sequence<UInt8>) throws(FileProblem) {
    pending.append(contentsOf: bytes)
    try handOnIfFull()
  }

  /// Takes bytes that are handed on as they are, whatever the encoding of the sink: a branch's own
  /// row on its way back, which may hold what no encoding explains.
  public func write(unconverted bytes: some Sequence<UInt8>) throws(FileProblem) {
    try flush()
    try handOn(Array(bytes))
  }

  /// Hands on everything taken so far.
  public func flush() throws(FileProblem) {
    let bytes = encoder == nil ? pending : try encoded()
    pending.removeAll(keepingCapacity: true)
    try handOn(bytes)
  }

  private func handOn(_ bytes: [UInt8]) throws(FileProblem) {
    if case .memory = target {
      handedOn.append(contentsOf: bytes)
      return
    }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Self.write(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...]))
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .cannotWrite(path: name, reason: systemReason()) }
      written += count
    }
  }

  /// Hands everything on and, for a file, gives it its name. Nothing can be written afterwards.
  public func close() throws(FileProblem) {
    try flush()
    if case .device = target, descriptor >= 0 {
      let closed = Self.closeDescriptor(descriptor)
      descriptor = -1
      if closed != 0 { throw .cannotWrite(path: name, reason: systemReason()) }
      return
    }
    guard case .file(let path) = target, descriptor >= 0 else { return }
    let closed = Self.closeDescriptor(descriptor)
    descriptor = -1
    if closed != 0 || rename(Self.partial(path), path) != 0 {
      let reason = systemReason()
      unlink(Self.partial(path))
      throw .cannotWrite(path: path, reason: reason)
    }
  }

  private func handOnIfFull() throws(FileProblem) {
    if pending.count >= Self.pieceSize { try flush() }
  }

  /// What is pending, in the encoding of the sink. Writers hand over whole characters.
  private func encoded() throws(FileProblem) -> [UInt8] {
    guard let encoder else { return pending }
    // No character takes more than four times its UTF-8 bytes here; UTF-16 adds its mark.
    var output = [UInt8](repeating: 0, count: pending.count * 4 + 4)
    let outcome = pending.withUnsafeMutableBytes { input in
      output.withUnsafeMutableBytes { encoder.convert(input, into: $0) }
    }
    guard case .done = outcome.stop else {
      let rest = String(decoding: pending[outcome.read...].prefix(4), as: UTF8.self)
      throw .cannotWrite(
        path: name,
        reason: "the character \(rest.prefix(1)) has no place in \(encoding.rawValue)")
    }
    output.removeLast(output.count - outcome.written)
    return output
  }

  /// Whether a path names something that is neither a file nor a folder, such as `/dev/null`.
  private static func isDevice(_ path: String) -> Bool {
    var status = stat()
    let kind = stat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
    return kind != S_IFREG && kind != S_IFDIR
  }

  private static func partial(_ path: String) -> String { path + ".partial" }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  @discardableResult
  private static func closeDescriptor(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
      Darwin.close(descriptor)
    #else
      Glibc.close(descriptor)
    #endif
  }
}
