import Foundation
import TestSupport
import Testing

@testable import Banyan

struct SourceFileTests {
  @Test func theDigestIsThatOfTheBytesAndALaterWriteIsNoticed() throws {
    let folder = try TemporaryFolder()
    try folder.write("abc".utf8, to: "a.csv")
    let path = folder.path + "/a.csv"
    let file = try SourceFile(path: path)
    #expect(file.byteCount == 3)
    // FIPS 180-2, the example "abc".
    #expect(
      hexadecimal(file.digest)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(!file.hasChanged)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    #expect(file.hasChanged)
  }
}
