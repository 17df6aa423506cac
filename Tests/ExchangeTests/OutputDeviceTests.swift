import Exchange
import Foundation
import Testing

/// Output to a name that is no file.
@Suite struct OutputDeviceTests {
  /// A named pipe stands for every device: it must be written to, not replaced by a file.
  @Test func aDeviceIsWrittenToAndStaysWhatItIs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    let sink = try OutputSink(path: path)
    try sink.write("a,b\n")
    try sink.close()
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &bytes, 16) == 4)
    #expect(String(decoding: bytes.prefix(4), as: UTF8.self) == "a,b\n")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pipe"])
  }
}
