/// The most memory that a process needs whose COPY goes to a server that takes nothing for a while,
/// against 20 MB: the rows are many times more than that.
struct StalledCopyMemory: Benchmark {
  let name = "libpq.copy_in_stalled_memory"
  let comparison = "a limit of 20 MB for the whole process"
  let goal = 1.0
  let rounds = 3
  let unit = MeasurementUnit.megabytes

  private static let database = "stalled"
  /// Rows of 100 bytes: 100 MB.
  private static let count = 1_000_000

  func prepare(on ground: Ground) async throws {
    try ground.psql(
      "DROP DATABASE IF EXISTS \(Self.database)", "CREATE DATABASE \(Self.database)")
    // The trigger of the first row waits for a lock, and the server meanwhile for the trigger.
    try ground.psql(
      "CREATE TABLE filled (id bigint, filler text)", "CREATE TABLE gate (id int)",
      """
      CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM count(*) FROM gate; RETURN NEW; END $$
      """,
      """
      CREATE TRIGGER waits BEFORE INSERT ON filled FOR EACH ROW WHEN (NEW.id = 0)
        EXECUTE FUNCTION wait_at_the_gate()
      """, in: Self.database)
  }

  func ours(on ground: Ground) async throws -> Double {
    try ground.psql("TRUNCATE filled", in: Self.database)
    return try ground.peakMemory(of: "stalled-copy", in: Self.database, count: Self.count)
  }

  func reference(on ground: Ground) async throws -> Double { 20 }
}
