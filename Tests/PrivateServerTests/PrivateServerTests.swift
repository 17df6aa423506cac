import Foundation
import Testing

/// The private server's tests, each on a real cluster of its own. They block their thread while
/// PostgreSQL works, so they run one after another, and on threads of their own: those of the pool are
/// few, and other tests need them.
@Suite(.serialized, .onThreadsOfTheirOwn) struct PrivateServerTests {}

/// Runs tests away from the threads that all tasks share.
struct ThreadsOfTheirOwn: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(NewThreads()) { try await function() }
  }

  /// Starts a thread for each stretch of work.
  private final class NewThreads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      Thread.detachNewThread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }
}

extension Trait where Self == ThreadsOfTheirOwn {
  /// Runs the tests of a suite away from the threads that all tasks share.
  static var onThreadsOfTheirOwn: Self { Self() }
}
