import Testing

/// The private server's tests, each on a real cluster of its own. They block their thread while
/// PostgreSQL works, so they run one after another and leave the other threads to other tests.
@Suite(.serialized) struct PrivateServerTests {}
