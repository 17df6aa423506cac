/// How many connections a ``ConnectionPool`` keeps, for how long, and who waits for them how long.
public struct PoolOptions: Sendable {
  /// How many connections the pool keeps open even when nobody wants one; at most ``maximum``.
  public var minimum: Int

  /// How many connections there are at most, those being made and closed included; at least 1.
  public var maximum: Int

  /// How old a connection becomes at most before it is replaced, once nobody uses it; nil for
  /// without end. Replacing gives servers back the memory that their sessions gather.
  public var maximumLifetime: Duration? = .seconds(3_600)

  /// By what part of ``maximumLifetime`` a connection may live shorter, at random, so that those
  /// made together do not end together: 0.1 is a tenth.
  public var lifetimeJitter = 0.1

  /// How long a connection beyond ``minimum`` lies unused before it is closed; nil for without end.
  public var idleTimeout: Duration? = .seconds(600)

  /// A connection that lay unused for longer is asked for a sign of life before it is handed out.
  public var checkAfterIdle: Duration = .seconds(1)

  /// How long that sign of life may take; then the connection is replaced.
  public var checkTimeout: Duration = .seconds(2)

  /// How many tasks may wait for connections that others have borrowed; more are refused at once.
  public var maximumWaiters = 1_000

  /// How long a task waits for a connection before it is told why there is none.
  public var acquireTimeout: Duration = .seconds(30)

  /// The wait after a first failure to connect. It doubles with each further one; the wait itself is
  /// between half and all of that, at random.
  public var firstReconnectWait: Duration = .milliseconds(100)

  /// The longest wait between attempts to connect.
  public var longestReconnectWait: Duration = .seconds(10)

  /// Is run on each new connection before anybody gets it. If it throws, the connection is closed,
  /// and those who wait get its error.
  public var configure: (@Sendable (isolated Connection) throws -> Void)?

  /// Is run on a connection that comes back, after open transactions were rolled back and LISTENs
  /// ended, whether the borrower's task is cancelled or not. If it throws, the connection is
  /// replaced. ``Connection/resetSession()`` is a thorough one:
  ///
  ///     options.reset = { connection in try connection.resetSession() }
  public var reset: (@Sendable (isolated Connection) throws -> Void)?

  /// Options with the numbers that most differ; a maximum below 1 counts as 1, and a minimum above
  /// the maximum as the maximum.
  public init(minimum: Int = 0, maximum: Int = 8) {
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The same options with limits that fit each other.
  var consistent: PoolOptions {
    var options = self
    options.maximum = max(1, maximum)
    options.minimum = max(0, min(minimum, options.maximum))
    options.lifetimeJitter = max(0, min(lifetimeJitter, 1))
    options.maximumWaiters = max(0, maximumWaiters)
    return options
  }
}
