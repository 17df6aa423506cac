// swift-tools-version: 6.2
// Banyan: a data platform for banks with many branches. ARCHITECTURE.md says what each room is for;
// imports point one way: BanyanCommandLine -> Banyan -> {LibPQ, CompensationEngine, Exchange} -> Quantities.

import PackageDescription

/// The settings of every target: Swift 6 language mode, no warning tolerated.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "banyan",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "banyan", targets: ["BanyanCommandLine"]),
    .library(name: "CompensationEngine", targets: ["CompensationEngine", "Quantities"]),
    .library(name: "LibPQ", targets: ["LibPQ"]),
    .library(name: "LibPQObservation", targets: ["LibPQObservation"]),
    .library(name: "Exchange", targets: ["Exchange"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries.
    .systemLibrary(
      name: "CLibPQ", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
    // Without pkgConfig: its flags are ones that SwiftPM refuses with a warning.
    .systemLibrary(
      name: "CUTF8Proc", providers: [.apt(["libutf8proc-dev"]), .brew(["utf8proc"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "libzip",
      providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CExpat", pkgConfig: "expat",
      providers: [.apt(["libexpat1-dev"]), .brew(["expat"])]),

    // The leaf that all may use: exact decimals, money, civil dates, months.
    .target(name: "Quantities", swiftSettings: strict),

    // The documents that people write in YAML, read with every problem named.
    .target(
      name: "Documents",
      dependencies: ["Quantities", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),

    // Three rooms that do not know each other.
    .target(
      name: "LibPQ", dependencies: ["CLibPQ", "Quantities"], exclude: ["README.md"],
      swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
    // What LibPQ does as logs, metrics and traces; apart, so that LibPQ itself depends on nothing.
    .target(
      name: "LibPQObservation",
      dependencies: [
        "LibPQ", .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ],
      swiftSettings: strict),
    .target(
      name: "CompensationEngine",
      dependencies: ["Quantities", "Documents"],
      swiftSettings: strict),
    .target(
      name: "Exchange",
      dependencies: ["Quantities", "CUTF8Proc", "CArchive", "CZip", "CExpat"],
      swiftSettings: strict),

    // The platform, the private server, and the command line over both.
    .target(
      name: "Banyan",
      dependencies: [
        "LibPQ", "CompensationEngine", "Exchange", "Documents", "Quantities", "CCrypto",
      ],
      swiftSettings: strict),
    .target(name: "PrivateServer", swiftSettings: strict),
    .executableTarget(
      name: "BanyanCommandLine",
      dependencies: [
        "Banyan", "PrivateServer", "Exchange", "LibPQ", "Quantities",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Tests mirror Sources; TestSupport starts the real server that all database tests share.
    .target(
      name: "TestSupport", dependencies: ["Banyan", "LibPQ", "PrivateServer"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Documents", "Quantities"], swiftSettings: strict),
    .testTarget(
      name: "LibPQTests", dependencies: ["LibPQ", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LibPQObservationTests",
      dependencies: [
        "LibPQObservation", "LibPQ", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CompensationEngineTests", dependencies: ["CompensationEngine", "Documents"],
      swiftSettings: strict),
    .testTarget(
      name: "ExchangeTests", dependencies: ["Exchange", "CZip"], swiftSettings: strict),
    .testTarget(
      name: "PrivateServerTests", dependencies: ["PrivateServer"], swiftSettings: strict),
    .testTarget(
      name: "BanyanTests", dependencies: ["Banyan", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["BanyanCommandLine", "TestSupport", "CArchive"],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ]
)
