import ArgumentParser
import Banyan
import Dispatch
import Exchange
import Foundation
import LibPQ

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Somebody's wish, by Ctrl-C or SIGTERM, that a long command stops.
struct Interruption: Error {
  /// Does something that is cancelled by the first signal; the second ends the program as it is.
  ///
  /// - Throws: An interruption, if that was why it ended.
  static func stopping<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if task.isCancelled {
          OutputSink.removeUnfinished()
          _exit(ExitCode.interrupted.rawValue)
        }
        task.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    do {
      return try await task.value
    } catch is CancellationError {
      throw Interruption()
    } catch let error as PostgresError where error.kind == .cancelled && task.isCancelled {
      throw Interruption()
    }
  }

  /// What was and was not done.
  func sentence(done files: [BatchResult], isTrial: Bool) -> String {
    if isTrial { return "banyan: interrupted; it was a dry run, so nothing was written" }
    if files.isEmpty {
      return "banyan: interrupted; no file was taken in, and the same command starts anew"
    }
    let names = files.count == 1 ? "1 file" : "\(files.count) files"
    return
      "banyan: interrupted; \(names) were dealt with, up to \(files[files.count - 1].fileName), and nothing of the next one was loaded; the same command goes on from there"
  }
}

extension ExitCode {
  /// Interrupted by a signal.
  static let interrupted = ExitCode(130)
}
