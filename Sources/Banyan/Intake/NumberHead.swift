/// The first bytes of a row's number, in the order of bytes. They suffice to say that a number lies
/// outside those on record.
struct NumberHead: Comparable {
  /// How many bytes count: numbers that begin with a day and a branch still differ within them.
  static let length = 32

  private let high: UInt128
  private let low: UInt128

  init(_ number: UnsafeBufferPointer<UInt8>) {
    let raw = UnsafeRawBufferPointer(number)
    func half(from offset: Int) -> UInt128 {
      UInt128(word(of: raw, at: offset).byteSwapped) << 64
        | UInt128(word(of: raw, at: offset + 8).byteSwapped)
    }
    high = half(from: 0)
    low = half(from: 16)
  }

  /// One that is on record, as ``bytes``.
  init(recorded bytes: [UInt8]) {
    self = bytes.withUnsafeBufferPointer { NumberHead($0) }
  }

  /// What comes after every number.
  static let end = NumberHead(high: .max, low: .max)

  private init(high: UInt128, low: UInt128) {
    self.high = high
    self.low = low
  }

  /// As it is on record: without the zeros behind a shorter number.
  var bytes: [UInt8] {
    let all = [high, low].flatMap { half in withUnsafeBytes(of: half.bigEndian, Array.init) }
    return Array(all.prefix((all.lastIndex { $0 != 0 } ?? -1) + 1))
  }

  /// The earlier one in the order of bytes is the smaller.
  static func < (left: NumberHead, right: NumberHead) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
