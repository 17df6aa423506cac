#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A place in XML that is read without a parser, as far as it is written the way programs write it: no prefixes,
/// double quotes, no declarations. Whoever finds anything else gives it to the parser. Behind the bytes stand
/// ``padding`` zeros, so nothing asks for the end before each look.
struct XMLCursor {
  /// How many zeros stand behind the bytes; nothing that is looked for is longer.
  static let padding = 64

  private(set) var place: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  /// A cursor at the front of so many bytes.
  init(_ start: UnsafePointer<UInt8>, count: Int) {
    place = start
    end = start + count
  }

  /// What to say when something was not found here: it may only be that the bytes end too early.
  var absence: ScannedItem { end - place < Self.padding ? .unfinished : .unusual }

  /// The byte here.
  var byte: UInt8 { place.pointee }

  /// Passes whatever byte stands here.
  mutating func pass() { place += 1 }

  /// Passes a byte, if it stands here.
  @inline(__always)
  mutating func passes(_ byte: UInt8) -> Bool {
    if place.pointee != byte { return false }
    place += 1
    return true
  }

  /// Passes a text, if it stands here.
  @inline(__always)
  mutating func passes(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    if memcmp(place, text.utf8Start, count) != 0 { return false }
    place += count
    return true
  }

  /// Passes blanks and line ends; false if there are none.
  @inline(__always) @discardableResult
  mutating func passesBlanks() -> Bool {
    let start = place
    while place.pointee == 0x20 || (9...10).contains(place.pointee) || place.pointee == 13 {
      place += 1
    }
    return place > start
  }

  /// Passes a whole number of few digits; nil if there is none.
  @inline(__always)
  mutating func number() -> Int? {
    let start = place
    var number = 0
    while (48...57).contains(place.pointee), place - start < 9 {
      number = number * 10 + Int(place.pointee - 48)
      place += 1
    }
    return place > start ? number : nil
  }

  /// Passes an attribute's value up to the quote that ends it, if it is plain ASCII.
  mutating func value() -> Bool {
    while place.pointee >= 0x20, place.pointee < 0x80 {
      switch place.pointee {
      case UInt8(ascii: "\""):
        place += 1
        return true
      case UInt8(ascii: "<"), UInt8(ascii: "&"): return false
      default: place += 1
      }
    }
    return false
  }

  /// Passes the text up to the next tag. One that holds entities is written into `scratch`
  /// without them. Nil if it needs the parser: for entities by number, line ends that are to be changed, and what no
  /// XML may hold.
  @inline(__always)
  mutating func text(_ scratch: inout RowBytes) -> UnsafeBufferPointer<UInt8>? {
    let start = place
    guard let seen = passesText() else {
      return place.pointee == UInt8(ascii: "&") ? decoded(from: start, &scratch) : nil
    }
    let text = UnsafeBufferPointer(start: start, count: place - start)
    return seen < 0x80 || UTF8Check.firstProblem(in: text) == nil ? text : nil
  }

  /// Passes text that means what it says, up to a tag, and returns its bytes or-ed together; nil at anything else.
  @inline(__always)
  private mutating func passesText() -> UInt8? {
    var seen: UInt8 = 0
    while true {
      let byte = place.pointee
      if byte > UInt8(ascii: ">") {
        seen |= byte
        // U+FFFE and U+FFFF are no characters of XML.
        if byte == 0xEF, place[1] == 0xBF, place[2] >= 0xBE { return nil }
      } else if byte == UInt8(ascii: "<") {
        return seen
      } else if byte == UInt8(ascii: "&") {
        return nil
      } else if byte == UInt8(ascii: ">") {
        if place[-1] == UInt8(ascii: "]") { return nil }
      } else if byte < 0x20, byte != 9, byte != 10 {
        return nil
      }
      place += 1
    }
  }

  /// The text from a start on, which has an entity here.
  private mutating func decoded(
    from start: UnsafePointer<UInt8>, _ scratch: inout RowBytes
  ) -> UnsafeBufferPointer<UInt8>? {
    scratch.clear()
    var start = start
    while true {
      scratch.append(UnsafeBufferPointer(start: start, count: place - start))
      if byte == UInt8(ascii: "<") { break }
      if passes("&amp;") {
        scratch.append(UInt8(ascii: "&"))
      } else if passes("&lt;") {
        scratch.append(UInt8(ascii: "<"))
      } else if passes("&gt;") {
        scratch.append(UInt8(ascii: ">"))
      } else if passes("&quot;") {
        scratch.append(UInt8(ascii: "\""))
      } else if passes("&apos;") {
        scratch.append(UInt8(ascii: "'"))
      } else {
        return nil
      }
      start = place
      if passesText() == nil, byte != UInt8(ascii: "&") { return nil }
    }
    return UTF8Check.firstProblem(in: scratch.bytes) == nil ? scratch.bytes : nil
  }
}
