import CLibPQ

/// Hands the server's notices to the program.
final class NoticeReceiver {
  let handler: (@Sendable (ServerReport) -> Void)?

  init(_ handler: (@Sendable (ServerReport) -> Void)?) {
    self.handler = handler
  }

  /// Makes libpq call this receiver, instead of writing to the standard error output.
  func receive(from connection: OpaquePointer) {
    PQsetNoticeReceiver(
      connection,
      { context, result in
        guard let context, let result else { return }
        let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
        receiver.handler?(ServerReport(result: result))
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
