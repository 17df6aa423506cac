#if THREAD_SANITIZER
  import Glibc

  /// Stands in for the standard library's mutex in builds for the thread sanitizer, which on Linux
  /// does not see that one lock, and would take every access under it for a race.
  /// The same as in LibPQ, for the tests' own.
  struct Mutex<Value>: ~Copyable, @unchecked Sendable {
    // Unchecked, because the compiler cannot see that the value is only reached under the lock.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    init(_ initial: sending Value) {
      pthread_mutex_init(lock, nil)
      value.initialize(to: initial)
    }

    deinit {
      value.deinitialize(count: 1)
      value.deallocate()
      pthread_mutex_destroy(lock)
      lock.deallocate()
    }

    borrowing func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      pthread_mutex_lock(lock)
      defer { pthread_mutex_unlock(lock) }
      return try body(&value.pointee)
    }
  }
#endif
