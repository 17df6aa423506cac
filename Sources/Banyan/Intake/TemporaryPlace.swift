import Exchange
import Foundation

/// A folder that goes away when nobody needs it any more. A program that is killed leaves its folder
/// behind; the next one clears it away, because only a living one holds its lock.
final class TemporaryPlace: Sendable {
  private static let prefix = "banyan-delivery-"
  /// How often another program may take a folder for one that was left behind, before we lock it.
  private static let attempts = 10

  let path: String
  private let lock: Int32

  init() throws {
    let parent = NSTemporaryDirectory()
    Self.clearAway(in: parent)
    for _ in 0..<Self.attempts {
      var template = Array((parent + "/" + Self.prefix + "XXXXXX").utf8CString)
      guard mkdtemp(&template) != nil else {
        throw BanyanError.failure(
          "no temporary folder can be made in “\(parent)”: \(String(cString: strerror(errno))); set TMPDIR to a folder with room"
        )
      }
      let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard let lock = Self.lock(path) else { continue }
      self.path = path
      self.lock = lock
      return
    }
    throw BanyanError.failure(
      "no temporary folder can be kept in “\(parent)”; set TMPDIR to a folder of your own")
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  /// Writes all of standard input into a file, because a file is read more than once.
  ///
  /// - Throws: What says so if the input is no table, before its end is waited for.
  func keepStandardInput(as name: String) throws {
    let target = path + "/" + name
    guard FileManager.default.createFile(atPath: target, contents: nil),
      let file = FileHandle(forWritingAtPath: target)
    else {
      throw BanyanError.failure("“\(target)” cannot be written; check the room on its disk")
    }
    var opening = TextOpening()
    var kind: FileKind?
    while let piece = try FileHandle.standardInput.read(upToCount: 1 << 20), !piece.isEmpty {
      try Task.checkCancellation()
      kind = kind ?? FileKind(opening: Array(piece.prefix(FileKind.openingLength))[...])
      if kind == .plain {
        piece.withUnsafeBytes { opening.consume($0) }
        try opening.refuseEndless("standard input")
      }
      try file.write(contentsOf: piece)
    }
    try file.close()
  }

  /// Removes the folders that killed programs of this user have left.
  private static func clearAway(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.hasPrefix(prefix) {
      let path = parent + "/" + name
      guard let lock = lock(path) else { continue }
      try? FileManager.default.removeItem(atPath: path)
      close(lock)
    }
  }

  /// Locks a folder of this user; nil if it is another's, or somebody holds it, or it is gone.
  private static func lock(_ path: String) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor < 0 { return nil }
    var (opened, named) = (stat(), stat())
    if fstat(descriptor, &opened) == 0, opened.st_uid == geteuid(),
      flock(descriptor, LOCK_EX | LOCK_NB) == 0,
      // Whoever cleared it away meanwhile held the lock before.
      stat(path, &named) == 0, named.st_ino == opened.st_ino
    {
      return descriptor
    }
    close(descriptor)
    return nil
  }
}
