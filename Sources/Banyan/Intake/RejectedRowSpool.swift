import Foundation
import LibPQ

/// The rejected rows of a batch, kept in a file without a name while the transaction that found them is
/// rolled back: there may be more of them than memory holds.
final class RejectedRowSpool: Sendable {
  private static let columns: Query =
    "batch_id, line_number, reason_number, code, column_name, value, reason, raw_row"
  private let file: FileHandle

  /// Copies them out.
  init(of batch: Int64, on connection: isolated Connection) throws {
    file = try FileHandle.temporary()
    let handle = file
    try connection.copyOut(
      """
      copy (
        select \(query: Self.columns) from bank.rejected_row
        where batch_id = \(query: Query(unsafeSQL: "\(batch)")) order by line_number, reason_number
      ) to stdout (format binary)
      """
    ) { bytes in try handle.write(contentsOf: Data(bytes)) }
  }

  /// Copies them back, through a table of the session's own, because policies may stand before the other.
  func restore(on connection: isolated Connection) throws {
    try file.seek(toOffset: 0)
    try connection.execute(
      """
      create temporary table returned_row on commit drop as
      select \(query: Self.columns) from bank.rejected_row limit 0
      """)
    let handle = file
    try connection.copyIn("copy returned_row from stdin (format binary)") { writer in
      while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
        try piece.withUnsafeBytes { try writer.write($0) }
      }
    }
    try connection.execute(
      """
      insert into bank.rejected_row (\(query: Self.columns)) select \(query: Self.columns) from returned_row
      """)
    try connection.execute("drop table returned_row")
  }
}

extension FileHandle {
  /// A file that has lost its name already, so that it goes away with the process however that ends.
  static func temporary() throws -> FileHandle {
    var template = Array((NSTemporaryDirectory() + "/banyan-spool-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw BanyanError.failure(
        "no temporary file can be made in “\(NSTemporaryDirectory())”: \(String(cString: strerror(errno))); set TMPDIR to a folder with room"
      )
    }
    unlink(template)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}
