// swift-tools-version: 6.2
// The speed of Banyan against what people use today. A package of its own, so that nothing here is
// built with the platform: `make bench` builds and runs it.

import PackageDescription

/// The settings of the Swift targets: as those of the platform.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "banyan-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "banyan", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibPQReference", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    // What a C program does with libpq: the reference of the group libpq.
    .target(name: "CReference", dependencies: ["CLibPQReference"]),
    .executableTarget(
      name: "banyan-benchmarks",
      dependencies: [
        .product(name: "LibPQ", package: "banyan"),
        .product(name: "CompensationEngine", package: "banyan"), "CReference", "ProcessMemory",
      ],
      path: "Sources/BanyanBenchmarks", swiftSettings: strict),
    // How much memory a program has had.
    .target(name: "ProcessMemory", swiftSettings: strict),
    // Work whose memory is measured: a program of its own, without Foundation.
    .executableTarget(
      name: "banyan-memory-probe",
      dependencies: [.product(name: "LibPQ", package: "banyan"), "ProcessMemory"],
      path: "Sources/MemoryProbe", swiftSettings: strict),
    // The smallest command, for the time that ours takes to start.
    .executableTarget(
      name: "banyan-hello-probe",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/HelloProbe", swiftSettings: strict),
    // Reads a workbook, and says how long that took and how much memory.
    .executableTarget(
      name: "banyan-workbook-probe",
      dependencies: [.product(name: "Exchange", package: "banyan"), "ProcessMemory"],
      path: "Sources/WorkbookProbe", swiftSettings: strict),
  ]
)
