#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How a file is packed as a whole.
public enum Compression: String, CaseIterable, Hashable, Sendable {
  /// gzip, which everything reads.
  case gz
  /// zstd, which is faster and smaller.
  case zst

  /// What the ending of a file's name says; nil if it says nothing of that.
  public init?(path: String) {
    guard let ending = Self.allCases.first(where: { path.hasSuffix("." + $0.rawValue) }) else {
      return nil
    }
    self = ending
  }
}

/// Where written bytes go: a file, an open descriptor such as standard output, or memory. Bytes are
/// collected and handed on in large pieces.
///
/// A file appears under its name only when ``close()`` or ``publish()`` succeeds; until then its bytes
/// are in a neighbour whose name ends in `.partial`, which goes away with an unclosed sink.
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

  /// What messages call it, usually its path.
  public let name: String
  private let target: Target
  private var descriptor: Int32
  // Every row comes through here; nothing that is called while it is changed can reach it.
  @exclusivity(unchecked) private var pending: [UInt8] = []
  private var encoder: Converter?
  private let encoding: TextEncoding
  private var packer: Packer?
  private var handedOn: [UInt8] = []
  private var isSealed = false
  private var isPublished = false
  /// Keeps a file that is not complete from outliving a program that a signal ends.
  private var unfinished: UnfinishedFile?
  /// Sees every byte of the output as it is written, packed and encoded: for a digest.
  public var observer: ((UnsafeRawBufferPointer) -> Void)?

  private init(
    name: String, target: Target, descriptor: Int32, encoding: TextEncoding,
    compression: Compression? = nil
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
    if let compression {
      packer = try Packer(compression == .gz ? .gzip : .zstd, for: name) {
        [unowned self] (bytes) throws(FileProblem) in try self.deliver(bytes)
      }
    }
  }

  /// Writes a file, which replaces one of that name when it is complete; `-` is standard output.
  /// With `byteOrderMark` the text begins with U+FEFF, which spreadsheets need to see UTF-8.
  public convenience init(
    path: String, encoding: TextEncoding = .utf8, byteOrderMark: Bool = false,
    compression: Compression? = nil
  ) throws(FileProblem) {
    if path == "-" {
      // What was printed before waits in C's own buffer, and comes first.
      fflush(nil)
      try self.init(
        name: "standard output", target: .descriptor, descriptor: STDOUT_FILENO,
        encoding: encoding, compression: compression)
    } else if Self.isDevice(path) {
      let opened = open(path, O_WRONLY | O_CLOEXEC)
      if opened < 0 { throw .cannotOpen(path: path, reason: systemReason()) }
      try self.init(
        name: path, target: .device, descriptor: opened, encoding: encoding,
        compression: compression)
    } else {
      let unfinished = UnfinishedFile(Self.partial(path))
      let opened = open(
        Self.partial(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o666))
      if opened < 0 { throw .cannotOpen(path: path, reason: systemReason()) }
      try self.init(
        name: path, target: .file(path: path), descriptor: opened, encoding: encoding,
        compression: compression)
      self.unfinished = unfinished
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
  public static func memory(
    encoding: TextEncoding = .utf8, compression: Compression? = nil
  ) throws(FileProblem) -> OutputSink {
    try OutputSink(
      name: "memory", target: .memory, descriptor: -1, encoding: encoding,
      compression: compression)
  }

  deinit {
    guard case .file(let path) = target else {
      if case .device = target, descriptor >= 0 { Self.closeDescriptor(descriptor) }
      return
    }
    if descriptor >= 0 { Self.closeDescriptor(descriptor) }
    if !isPublished { unlink(Self.partial(path)) }
  }

  /// Removes the files that no sink has completed, for a program that ends at once.
  public static func removeUnfinished() { UnfinishedFile.removeAll() }

  /// Whether it is a terminal that bytes for programs would upset.
  public var isTerminal: Bool { descriptor >= 0 && isatty(descriptor) == 1 }

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
  /// row on its way back, which may hold what no encoding explains, or a part of a workbook.
  public func write(unconverted bytes: some Sequence<UInt8>) throws(FileProblem) {
    try flush()
    try handOn(Array(bytes))
  }

  /// Hands on everything taken so far.
  public func flush() throws(FileProblem) {
    // No second name for what is pending, else its memory could not be used again.
    if encoder == nil { try handOn(pending) } else { try handOn(encoded()) }
    pending.removeAll(keepingCapacity: true)
  }

  private func handOn(_ bytes: [UInt8]) throws(FileProblem) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileProblem) in
        if let packer { try packer.write(bytes) } else { try deliver(bytes) }
      }
    }
    try result.get()
  }

  /// Writes to the target.
  private func deliver(_ bytes: UnsafeRawBufferPointer) throws(FileProblem) {
    observer?(bytes)
    if case .memory = target {
      handedOn.append(contentsOf: bytes)
      return
    }
    var rest = bytes
    while !rest.isEmpty {
      let count = Self.write(descriptor, rest)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .cannotWrite(path: name, reason: systemReason()) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Whether ``close()`` leaves it to ``publish()`` to give a file its name, so that several files
  /// appear together.
  public var waitsForPublishing = false

  /// Hands everything on and, for a file, gives it its name. Nothing can be written afterwards.
  public func close() throws(FileProblem) {
    try seal()
    if !waitsForPublishing { try publish() }
  }

  private func seal() throws(FileProblem) {
    if isSealed { return }
    try flush()
    try packer?.finish()
    packer = nil
    isSealed = true
    switch target {
    case .device, .file:
      let closed = Self.closeDescriptor(descriptor)
      descriptor = -1
      if closed != 0 { throw .cannotWrite(path: name, reason: systemReason()) }
    case .descriptor, .memory: break
    }
  }

  /// Gives a file that is closed its name.
  public func publish() throws(FileProblem) {
    guard case .file(let path) = target, isSealed, !isPublished else { return }
    if rename(Self.partial(path), path) != 0 {
      throw .cannotWrite(path: path, reason: systemReason())
    }
    isPublished = true
    unfinished = nil
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
