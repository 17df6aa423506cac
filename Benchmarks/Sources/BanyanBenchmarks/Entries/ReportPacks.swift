import Foundation

/// The pack of a branch for each of 200 branches, as many at a time as there are processors, against one
/// at a time.
struct ReportPacks: Benchmark {
  private static let database = "packs"
  private static let branches = 200
  private static let month = "2026-01"

  let name = "report.pack_200"
  let comparison = "the same with --jobs 1"
  /// 1.7 times as fast.
  let goal = 0.59
  let rounds = 3

  mutating func prepare(on ground: Ground) async throws {
    if ProcessInfo.processInfo.activeProcessorCount < 2 {
      throw LeftOut("this machine has one processor only")
    }
    if try !ground.hasDatabase(Self.database) { try makeBank(on: ground) }
    let said = try make(on: ground)
    let files = try FileManager.default.contentsOfDirectory(atPath: ground.folder + "/packs")
      .filter { $0.hasSuffix(".xlsx") }
    if files.count != Self.branches {
      throw BenchmarkError("there are \(files.count) packs after \(said) seconds")
    }
  }

  func ours(on ground: Ground) async throws -> Double { try make(on: ground) }

  func reference(on ground: Ground) async throws -> Double {
    try make("--jobs", "1", on: ground)
  }

  private func make(_ options: String..., on ground: Ground) throws -> Double {
    try ground.time(
      ground.banyan,
      [
        "report", "pack", ground.repository + "/seeds/packs/branch.yaml", "month=\(Self.month)",
        "--for-each", "branch", "-o",
        ground.folder + "/packs",
      ] + options, environment: ["DATABASE_URL": try ground.url(of: Self.database)])
  }

  private func makeBank(on ground: Ground) throws {
    note("making up a bank of \(Self.branches) branches")
    let bank = ground.folder + "/branches"
    try ground.run(
      ground.banyan,
      [
        "sample", bank, "--seed", "5", "--branches", "\(Self.branches)", "--managers", "400",
        "--clients", "10000", "--months", "1", "--first-month", Self.month,
      ])
    try ground.psql("CREATE DATABASE \(Self.database)")
    let environment = ["DATABASE_URL": try ground.url(of: Self.database)]
    try ground.run(ground.banyan, ["migrate"], environment: environment)
    try ground.run(
      ground.banyan, ["import", bank, "--mapping", ground.repository + "/seeds/mappings/demo"],
      environment: environment, accepted: [0, 3])
  }
}
