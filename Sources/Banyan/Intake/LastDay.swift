import Quantities

/// The day that was read last: files are in the order of their days, or nearly so.
final class LastDay {
  private var head: ByteKey.Head = (0, 0, 0)
  private var length = 0
  private var day = CivilDate(daysSinceEpoch: 0)

  /// The day, if it was written in the same way.
  func day(_ bytes: UnsafeBufferPointer<UInt8>) -> CivilDate? {
    bytes.count == length && ByteKey.head(of: bytes) == head ? day : nil
  }

  func keep(_ day: CivilDate, of bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.count > ByteKey.headLength { return }
    (head, length, self.day) = (ByteKey.head(of: bytes), bytes.count, day)
  }
}
