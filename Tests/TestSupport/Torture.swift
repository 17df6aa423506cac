import Foundation

/// Longer runs of what an everyday run does briefly, with `BANYAN_TORTURE=1`.
public enum Torture {
  /// Whether longer runs are asked for.
  public static let isOn = ProcessInfo.processInfo.environment["BANYAN_TORTURE"] == "1"

  /// Seeds of random sequences: a few every day, many when asked.
  public static func seeds(_ few: UInt64, of many: UInt64) -> [UInt64] {
    Array(1...(isOn ? many : few))
  }
}
