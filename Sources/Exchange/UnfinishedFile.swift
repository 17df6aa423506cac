import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file in the making, which goes away with the program if Ctrl-C, SIGTERM or SIGHUP ends it. Who deals with these signals
/// otherwise is left alone, and the program ends by the signal as it would have.
final class UnfinishedFile {
  /// How many are known at once; what is beyond stays behind.
  private static let capacity = 1_024
  // Read by the handler of the signal, which can wait for no lock: a pointer is there or it is not. Written under the
  // lock of `isWatching` alone.
  nonisolated(unsafe) private static let paths: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> =
    {
      let paths = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: capacity)
      paths.initialize(repeating: nil, count: capacity)
      return paths
    }()
  private static let isWatching = Mutex(false)

  private let slot: Int?

  /// Begins to watch over a file; nothing else is done with it.
  init(_ path: String) {
    slot = Self.isWatching.withLock { isWatching in
      let free = (0..<Self.capacity).first { Self.paths[$0] == nil }
      if let free { Self.paths[free] = strdup(path) }
      if !isWatching { Self.watch() }
      isWatching = true
      return free
    }
  }

  deinit {
    guard let slot else { return }
    Self.isWatching.withLock { _ in
      let path = Self.paths[slot]
      Self.paths[slot] = nil
      free(path)
    }
  }

  /// Removes all of them; the program is about to end.
  static func removeAll() {
    for slot in 0..<capacity {
      if let path = paths[slot] { unlink(path) }
    }
  }

  private static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let former = signal(number) { number in
        UnfinishedFile.removeAll()
        signal(number, SIG_DFL)
        raise(number)
      }
      // Whoever ignores it, or does something else, goes on doing so.
      if former != nil { signal(number, former) }
    }
  }
}
