import Foundation
import TestSupport
import Testing

/// `banyan pay run --as-of`: a month as it would have been calculated at an earlier time.
@Suite struct PayAsOfTests {
  private static let lines = """
    select e.number, l.line_number, l.component, l.basis_total, l.amount, l.arithmetic
    from bank.pay_line as l join bank.employee as e using (employee_id)
    where l.pay_run_id = RUN order by 1, 2
    """

  private func lines(of run: String, in ground: PayGround) async throws -> String {
    try await psql(Self.lines.replacing("RUN", with: run), in: ground.database)
  }

  /// Calculates January as of a time, and returns the number of the run.
  private func run(asOf moment: String, in ground: PayGround) async throws -> String {
    let done = try await ground.done("pay", "run", "2026-01", "--as-of", moment)
    #expect(done.output.contains("so it pays nobody"), "\(done.output)")
    return String(done.output.dropFirst("Run ".count).prefix { $0 != ":" })
  }

  private func now(in ground: PayGround) async throws -> String {
    // Whatever comes after it bears a later time.
    try await psql("select clock_timestamp()", in: ground.database)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func whatCameLaterIsLeftOutExactly() async throws {
    let ground = try await PayGround(isPosted: false)
    let database = ground.database
    try await ground.done("pay", "run", "2026-01")
    let first = try await ground.run("2026-01")
    let before = try await lines(of: first, in: ground)
    let moment = try await now(in: ground)
    // A late movement and a corrected assignment.
    try await database.takeInMovements("N1,A1,2026-01-20,credit,310000.00")
    try await psql(
      "select count(*) from bank.correct_assignment(bank.account_scope('A2'), array['E1'], array[1], '2026-01-20', null, 'so')",
      in: database)
    try await ground.done("pay", "run", "2026-01")
    let second = try await ground.run("2026-01")
    #expect(try await lines(of: second, in: ground) != before)

    let earlier = try await run(asOf: moment, in: ground)
    #expect(try await lines(of: earlier, in: ground) == before)
    #expect(
      try await lines(of: try await run(asOf: try await now(in: ground), in: ground), in: ground)
        == lines(of: second, in: ground))
    // It counts for nothing: the run of the month is still the second, and none is posted by it.
    #expect(try await ground.run("2026-01") == second)
    let refused = try await ground.refused("pay", "post", earlier)
    #expect(refused.contains("pay run \(earlier) is as of "))
    #expect(refused.contains("and pays nobody"))
    #expect(
      try await ground.refusedInSQL("insert into bank.pay_posting (pay_run_id) values (\(earlier))")
        .contains("pays nobody"))
    #expect(try await ground.done("pay", "verify", earlier).exitCode == 0)
    // It is compared with the run that counts for its month.
    let compared = try await ground.rows("pay", "compare", earlier)
    let wanted = try await ground.rows("pay", "compare", second, "--with", first)
    #expect(compared.map { $0["person"] } == wanted.map { $0["person"] })
    #expect(compared.map { $0["before"] } == wanted.map { $0["after"] })
    #expect(compared.map { $0["after"] } == wanted.map { $0["before"] })
    let listed = try await ground.rows("pay", "list", "--all")
    #expect(listed.first { $0["run"] == earlier }?["state"] == "as_of")
    #expect(try await ground.rows("pay", "list").allSatisfy { $0["state"] != "as_of" })
  }

  @Test func noTimeAndTheFutureAreRefused() async throws {
    let ground = try await PayGround(isPosted: false)
    #expect(
      try await ground.refused("pay", "run", "2026-01", "--as-of", "2199-01-01", exitCode: 64)
        .contains("which is in the future"))
    #expect(
      try await ground.refused("pay", "run", "2026-01", "--as-of", "2026-01-01 25:00", exitCode: 64)
        .contains("“2026-01-01 25:00” is no time"))
    // Before anything was imported there was no plan either.
    #expect(
      try await ground.refused("pay", "run", "2026-01", "--as-of", "2001-01-01")
        .contains("no plan is in force"))
    let trial = try await ground.done(
      "pay", "run", "2026-01", "--as-of", try await now(in: ground), "--dry-run")
    #expect(trial.output.hasPrefix("A run of 2026-01"))
    #expect(try await psql("select count(*) from bank.pay_run", in: ground.database) == "0\n")
  }
}
