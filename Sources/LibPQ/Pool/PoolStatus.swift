/// What a pool holds and has done so far, at one moment.
public struct PoolStatus: Sendable {
  /// The most connections that there may be.
  public internal(set) var maximum = 0
  /// Connections that lie ready.
  public internal(set) var idle = 0
  /// Connections that tasks have borrowed.
  public internal(set) var borrowed = 0
  /// Connections that are being made.
  public internal(set) var connecting = 0
  /// Connections that are asked for a sign of life.
  public internal(set) var checking = 0
  /// Connections that are being closed.
  public internal(set) var closing = 0
  /// Tasks that wait for a connection.
  public internal(set) var waiting = 0
  /// How long the longest borrower has had its connection.
  public internal(set) var longestBorrowing: Duration?
  /// How long the first in the queue has waited.
  public internal(set) var longestWait: Duration?
  /// Why the newest attempt to connect failed; nil after one that succeeded.
  public internal(set) var lastConnectError: PostgresError?
  /// Whether the pool is closed or about to be.
  public internal(set) var isShutDown = false
  /// What has happened since the pool was made.
  public internal(set) var counts = Counts()

  /// What has happened in a pool, by number; these only grow.
  public struct Counts: Hashable, Sendable {
    /// Connections that were made.
    public internal(set) var opened = 0
    /// Attempts to make one that failed.
    public internal(set) var failedToOpen = 0
    /// Connections that were handed to a task.
    public internal(set) var acquired = 0
    /// Tasks that waited in vain.
    public internal(set) var timedOut = 0
    /// Tasks that were turned away: too many waited, connecting is refused, or the pool is closed.
    public internal(set) var refused = 0
    /// Tasks that were cancelled while they waited.
    public internal(set) var cancelled = 0
    /// Connections that were closed because of their age.
    public internal(set) var closedByAge = 0
    /// Connections that were closed because nobody needed them.
    public internal(set) var closedUnused = 0
    /// Connections that were thrown away: lost, without a sign of life, or not to be cleaned.
    public internal(set) var discarded = 0
  }

  /// All connections, in whatever state.
  public var total: Int { idle + borrowed + connecting + checking + closing }
}

extension PoolStatus: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    var parts = ["\(borrowed) of \(maximum) connections borrowed"]
    if let longestBorrowing { parts[0] += " (the longest for \(longestBorrowing.rounded))" }
    for (count, what) in [
      (idle, "idle"), (connecting, "being made"), (checking, "being checked"),
      (closing, "being closed"),
    ] where count > 0 {
      parts.append("\(count) \(what)")
    }
    parts.append("\(waiting) \(waiting == 1 ? "task" : "tasks") waiting")
    return parts.joined(separator: ", ")
  }
}

extension Duration {
  /// In milliseconds below ten seconds, in seconds above: for people.
  var rounded: String {
    let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000) s"
  }
}
