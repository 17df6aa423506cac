import Foundation

/// The lock that lets one command at a time make, start or stop the server of a folder.
///
/// The operating system drops it when its holder ends, however it ends; the empty file stays.
struct FolderLock {
  private let descriptor: Int32

  /// Waits for the lock of `folder`, up to `seconds`.
  init(folder: String, waitingUpTo seconds: Int) throws(PrivateServerError) {
    let path = folder + "/lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw .fileFailed(action: "open the lock", path: path, reason: systemReason(errno))
    }
    let clock = ContinuousClock()
    let start = clock.now
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let reason = errno
      if reason == EINTR { continue }
      guard reason == EWOULDBLOCK else {
        close(file)
        throw .fileFailed(action: "lock", path: path, reason: systemReason(reason))
      }
      guard start.duration(to: clock.now) < .seconds(seconds) else {
        close(file)
        throw .busy(folder: folder, seconds: seconds)
      }
      usleep(50_000)
    }
    descriptor = file
  }

  /// Lets the next command in.
  func release() { close(descriptor) }
}
