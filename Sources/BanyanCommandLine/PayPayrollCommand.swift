import ArgumentParser
import Banyan
import Exchange
import LibPQ
import Quantities

struct PayPayroll: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "payroll",
    abstract: "Hand what a month pays out to the payroll system.",
    discussion: """
      One row for each person: what the month pays now, what was released of earlier pay, what is taken \
      back, and the three together. Only what is posted is paid out. The same month gives the same bytes \
      each time; the totals that the receiver compares are told beside the rows, with the SHA-256 of the \
      file.

      EXAMPLES
        banyan pay payroll 2026-03
        banyan pay payroll 2026-03 -o payroll-2026-03.csv
        banyan pay payroll 2026-03 --lang zh -o payroll-2026-03.xlsx
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The month, YYYY-MM.") var month: Month
  @OptionGroup var printing: PrintingOptions
  @OptionGroup var language: LanguageOptions

  func execute() async throws {
    let language = try language.chosen
    let destination = printing.destination(language)
    let (month, format, isForTheEyes) = (month, printing.chosenFormat, printing.isForTheEyes)
    let payroll = try await onPlatform(database) { connection in
      // Both the rows and their control totals are of one moment.
      let payroll = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
        connection in
        try Payroll(month: month, language: language, on: connection)
      }
      try AuditTrail.recordReading(
        of: "payroll of \(month)", isExport: !isForTheEyes, rowCount: payroll.listing.rows.count,
        detail: ["format": "\(format)", "file": destination.path], on: connection)
      return payroll
    }
    let digest = Digest()
    try await destination.showing {
      let sink = try destination.sink()
      sink.observer = { digest.update($0) }
      try payroll.listing.write(format, style: destination.style, to: sink)
    }
    for control in payroll.controls {
      tell(
        "\(control.people) \(control.people == 1 ? "person" : "people"), \(control.currency): cash now \(control.cashNow.grouped), released \(control.released.grouped), recovered \(control.recovered.grouped), total \(control.total.grouped)"
      )
    }
    if destination.path != "-" {
      tell("\(destination.path): SHA-256 \(hexadecimal(digest.finish()))")
    }
  }
}
