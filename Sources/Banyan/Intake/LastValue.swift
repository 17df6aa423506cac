/// What the value of the row before meant. Files are in the order of their branches and days, or nearly so, and
/// then the same bytes come again and again.
final class LastValue<Meaning> {
  private var head: ByteKey.Head = (0, 0, 0)
  private var length = -1
  private var meaning: Meaning?

  /// The meaning, if it was written in the same way.
  func meaning(of bytes: UnsafeBufferPointer<UInt8>) -> Meaning? {
    bytes.count == length && ByteKey.head(of: bytes) == head ? meaning : nil
  }

  func keep(_ meaning: Meaning, of bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.count > ByteKey.headLength { return }
    (head, length, self.meaning) = (ByteKey.head(of: bytes), bytes.count, meaning)
  }
}
