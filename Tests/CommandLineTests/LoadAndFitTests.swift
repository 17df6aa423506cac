import TestSupport
import Testing

/// The reports of load and fit, rotation and mandatory leave.
@Suite struct LoadAndFitTests {
  @Test func loadFitAndContacts() async throws {
    let ground = try await HandoverGround()
    try await ground.assign("N1", "N2", "N3", to: "E4")
    try await psql(
      """
      insert into bank.employee_tier (employee_id, tier, effective_from)
      select employee_id, 'junior', '2025-01-01' from bank.employee where number = 'E4';
      select bank.set_tier_terms('junior', '2025-01-01', client_bands => array['ordinary', 'gold'], client_capacity => 2);
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from)
      select branch_id, client_id, 'band', 'wealth', '2025-01-01' from bank.client where number = 'N1';
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from)
      select branch_id, client_id, 'industry', 'mining', '2025-01-01' from bank.client where number in ('N2', 'N3');
      insert into bank.employee_speciality (employee_id, speciality, effective_from)
      select employee_id, 'mining', '2025-01-01' from bank.employee where number = 'E4';
      insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from)
      select branch_id, client_id, 'industry', 'trade', '2025-01-01' from bank.client where number = 'N1'
      """, in: ground.database)
    let folder = try TemporaryFolder()
    try folder.write(
      "name: Tiny\ncurrency: CNY\ntiers: {junior: Junior relationship manager, senior: Senior relationship manager}\n"
        .utf8, to: "mapping/bank.yaml")
    for (dataset, columns, rows) in [
      (
        "contact_cadences", ["band", "effective_from", "every_days"],
        "*,2025-01-01,30\nwealth,2025-01-01,10\n"
      ),
      (
        "contacts", ["client_number", "employee_number", "contacted_on", "channel"],
        "N1,E4,2026-01-10,visit\nN2,E4,2026-01-10,call\n"
      ),
      (
        "leaves", ["employee_number", "first_day", "last_day", "kind"],
        "E4,2025-03-03,2025-03-14,mandatory\n"
      ),
      (
        "duty_limits",
        ["kind", "effective_from", "rotation_years", "leave_days", "leave_every_months"],
        "teller,2020-01-01,4,5,12\n"
      ),
    ] {
      try folder.write(
        (columns.joined(separator: ",") + "\n" + rows).utf8, to: "files/\(dataset).csv")
      let lines = columns.map { "  \($0): \($0)\n" }.joined()
      try folder.write(
        "dataset: \(dataset)\nfile: \(dataset).csv\nencoding: utf-8\ncolumns:\n\(lines)".utf8,
        to: "mapping/\(dataset).yaml")
    }
    try await ground.run("import", folder.path + "/files", "--mapping", folder.path + "/mapping")
    let report = try await ground.rows("report", "run", "load-and-fit", "month=2026-01")
    let row = try #require(report.first { $0["person"] == "E4" })
    #expect(row["clients"] == "3" && row["capacity"] == "2" && row["load_percent"] == "150.0")
    #expect(row["accounts"] == "3" && row["adb"] == "3000.00")
    #expect(row["outside_band"] == "1" && row["outside_speciality"] == "1")
    // N1: 21 days ago, of 10; N2: 21 of 30; N3: never, and theirs for 30 days, which is not more than 30.
    #expect(row["contacts_overdue"] == "1")
    #expect(
      row["finding"]
        == "over capacity, band too high for the tier, outside the speciality, contacts overdue")

    try await psql(
      "select bank.hold_post('E4', 'B1', 'teller', '2021-06-01')", in: ground.database)
    let rotation = try await ground.rows("report", "run", "rotation-due", "day=2026-01-31")
    #expect(rotation.map { $0["person"] } == ["E4"])
    #expect(rotation[0]["due_on"] == "2025-06-01" && rotation[0]["state"] == "overdue")
    let early = try await ground.rows("report", "run", "rotation-due", "day=2025-01-01")
    #expect(early.isEmpty)
    let leave = try await ground.rows("report", "run", "leave-due", "day=2026-02-01")
    #expect(leave[0]["last_leave"] == "2025-03-14" && leave[0]["due_on"] == "2026-03-15")
    #expect(leave[0]["state"] == "due soon")
    let wrong = try await banyan("report", "run", "leave-due", "day=tomorrow", on: ground.database)
    #expect(wrong.exitCode == 64, "\(wrong.errorOutput)")
  }
}
