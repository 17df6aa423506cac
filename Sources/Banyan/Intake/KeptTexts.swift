/// Texts whose bytes stay where they are as long as this lives, so that values can point to them.
final class KeptTexts {
  private var memory: [UnsafeMutableBufferPointer<UInt8>] = []

  deinit { for bytes in memory { bytes.deallocate() } }

  /// Keeps a text.
  func keep(_ text: String) -> UnsafeBufferPointer<UInt8> { keep(Array(text.utf8)) }

  /// Keeps bytes of a text.
  func keep(_ bytes: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let kept = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = kept.initialize(from: bytes)
    memory.append(kept)
    return UnsafeBufferPointer(kept)
  }
}
