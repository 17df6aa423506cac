import Exchange
import Foundation
import TestSupport
import Testing

/// Files that are made to do harm: refused with a sentence, in bounded memory.
@Suite struct HostileFileTests {
  /// Looks at a file by a command that reads all of it, with memory for its data that is less than the
  /// files hold.
  private func look(at path: String) async throws -> (code: Int32, message: String) {
    let outcome = try #require(
      await runProgram(
        "sh",
        [
          "-c", "ulimit -d 180000; exec \"$0\" mapping infer \"$1\"",
          try BanyanProcess.executable(), path,
        ], in: "/"))
    return (outcome.exitCode, outcome.messages().joined(separator: "\n"))
  }

  @Test func textThatSwellsIsRefused() async throws {
    let folder = try TemporaryFolder()
    for compression in Compression.allCases {
      let path = folder.path + "/bomb.csv.\(compression.rawValue)"
      let sink = try OutputSink(path: path, compression: compression)
      try sink.write("number,name\n")
      let zeros = String(repeating: "0", count: 1 << 20)
      for _ in 0..<600 { try sink.write(zeros) }
      try sink.close()
      let (code, message) = try await look(at: path)
      #expect(code == 1)
      #expect(message.contains("grows to more than 500 times its size"), "\(message)")
    }
  }

  @Test func aLineWithoutEndIsOneBadRow() async throws {
    let folder = try TemporaryFolder()
    let starts = [
      "long.csv": "number,name,kind,branch_code\n",
      "long.jsonl":
        "{\"number\":\"C1\",\"kind\":\"person\",\"branch_code\":\"B1\"}\n{\"number\":\"",
    ]
    for (name, start) in starts {
      try folder.write(start.utf8, to: name)
      let path = folder.path + "/" + name
      // Zero bytes that take up no room on the disk.
      #expect(truncate(path, 100 << 20) == 0)
      let (code, message) = try await look(at: path)
      #expect(code == 0, "\(name): \(message)")
    }
  }

  /// A stream that never ends, and never ends its first line, is refused before it fills memory or a disk.
  @Test(arguments: ["x", "中"])
  func aFirstLineWithoutEndIsRefusedAtOnce(_ text: String) async throws {
    let mapping = try TinyBank().write().path + "/mapping"
    let outcome = try #require(
      await runProgram(
        "sh",
        [
          "-c",
          "ulimit -d 180000; ulimit -f 20000; yes \"$2\" | tr -d '\\n' | \"$0\" import - --mapping \"$1\"",
          try BanyanProcess.executable(), mapping, text,
        ], in: "/"))
    #expect(outcome.exitCode == 3)
    #expect(
      outcome.messages() == [
        "banyan: standard input, line 1: the header cannot be used because it is longer than 1048576 bytes; correct it first"
      ])
  }
}
