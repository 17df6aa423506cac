import CLibPQ
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The thread that a connection lives on, and the executor of its actor.
///
/// libpq wants its connection on one thread at a time and blocks while it looks up names and
/// shakes hands; a thread of its own lets it, without taking a thread from Swift's pool. Idle, the
/// thread sleeps in `poll` on a wake-up descriptor, and on the socket if somebody listens.
final class ConnectionThread: SerialExecutor {
  /// What the thread does with the socket while it has no jobs.
  struct Watch: Sendable {
    /// Is called before each sleep; gives the socket to watch, or -1.
    let beforeSleep: @Sendable () -> Int32
    /// Is called when the socket has something to read.
    let onReadable: @Sendable () -> Void
  }

  private struct State {
    var watch: Watch?
    var jobs: [UnownedJob] = []
    var sleeps = false
    var stops = false
  }

  /// Room for the closures that programs run on the connection; only touched pages take memory.
  private static let stackSize = 4 << 20

  private let state = Mutex(State())
  private let identity = Mutex<pthread_t?>(nil)
  private let readEnd: Int32
  private let writeEnd: Int32

  /// Opens the wake-up descriptor and starts the thread.
  init() throws(PostgresError) {
    var ends: (Int32, Int32) = (-1, -1)
    guard clibpq_open_wakeup(&ends.0, &ends.1) == 0 else {
      throw PostgresError(
        .connection,
        "no file descriptor is left for a new connection; close some or raise the limit (ulimit -n)"
      )
    }
    (readEnd, writeEnd) = ends
    try startThread(stackSize: Self.stackSize) { [self] in run() }
  }

  deinit {
    clibpq_close_wakeup(readEnd, writeEnd)
  }

  /// Takes a job of the actor; the thread runs jobs in the order of their arrival.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let mustWake = state.withLock { state in
      state.jobs.append(job)
      defer { state.sleeps = false }
      return state.sleeps
    }
    if mustWake { clibpq_wake(writeEnd) }
  }

  /// Lets the thread end once no job is left.
  func stop() {
    state.withLock { $0.stops = true }
    clibpq_wake(writeEnd)
  }

  /// Watches the socket from now on whenever there are no jobs.
  func watch(_ watch: Watch) {
    state.withLock { $0.watch = watch }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  func checkIsolated() {
    precondition(isCurrent, "this runs outside the thread of the connection")
  }

  private var isCurrent: Bool {
    identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  private func run() {
    identity.withLock { $0 = pthread_self() }
    let executor = asUnownedSerialExecutor()
    while true {
      let (jobs, stops, watch) = state.withLock { state in
        let jobs = state.jobs
        state.jobs = []
        state.sleeps = jobs.isEmpty
        return (jobs, state.stops, state.watch)
      }
      for job in jobs { job.runSynchronously(on: executor) }
      if jobs.isEmpty {
        if stops { return }
        let ready = clibpq_sleep(readEnd, watch?.beforeSleep() ?? -1)
        if ready & 1 != 0 { clibpq_clear_wakeup(readEnd) }
        if ready & 2 != 0 { watch?.onReadable() }
      }
    }
  }
}

/// Starts a detached thread.
func startThread(
  stackSize: Int, _ body: @escaping @Sendable () -> Void
) throws(PostgresError) {
  final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, stackSize)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  let work = Unmanaged.passRetained(Work(body))
  #if canImport(Glibc)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
  #else
    var thread: pthread_t?
    let code = pthread_create(
      &thread, &attributes,
      { context in
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
  #endif
  if code != 0 {
    work.release()
    throw PostgresError(
      .connection, "the system refused a thread for the connection (error \(code)); close some")
  }
}
