import Documents
import Quantities

/// What is made up for a bank whose data have no relationship managers: who looks after which
/// account, and the tiers. Written in `overlay.yaml`; everything that comes of it is marked by its
/// batch.
public struct Overlay: Sendable {
  /// SHA-256 of the text.
  let digest: [UInt8]
  /// How many accounts of a branch make one relationship manager.
  let accountsPerManager: Int
  /// Employee number with `{branch}` and `{index}`.
  let numberPattern: String
  /// The day from which managers and their assignments count.
  let since: CivilDate
  /// How many months lie between two reviews of tiers; each looks back over as many.
  let reviewMonths: Int
  /// The tiers with the average daily balance from which each is reached, in the bank's currency.
  let thresholds: [(tier: String, from: ExactDecimal)]

  /// Reads `overlay.yaml`.
  init(yaml: String) throws(DocumentError) {
    let meanings = [
      "relationship_managers": "how relationship managers are made up",
      "accounts_per_manager": "how many accounts of a branch make one manager",
      "number": "the employee number with {branch} and {index}, such as RM-{branch}-{index}",
      "since": "the first day of all managers and assignments",
      "tiers": "how the tiers are found",
      "review_every_months": "how many months lie between two reviews",
      "from_average_daily_balance": "for each tier the average daily balance that reaches it",
    ]
    self = try Document.read(yaml: yaml, kind: "overlay", meanings: meanings) { root in
      guard let top = DocumentMapping(root, keys: ["relationship_managers", "tiers"]),
        let managers = top.required("relationship_managers").flatMap({
          DocumentMapping($0, keys: ["accounts_per_manager", "number", "since"])
        }),
        let tiers = top.required("tiers").flatMap({
          DocumentMapping($0, keys: ["review_every_months", "from_average_daily_balance"])
        })
      else { return nil }
      let accountsPerManager = managers.required("accounts_per_manager")?.wholeNumber(
        in: 1...100_000)
      let number = managers.required("number")
      let pattern = number?.text("a number with {branch} and {index}")
      if let pattern, !pattern.contains("{branch}") || !pattern.contains("{index}") {
        number?.report(
          "“\(pattern)” must hold {branch} and {index}, or two managers get one number")
      }
      let since = managers.required("since")?.date()
      let months = tiers.required("review_every_months")?.wholeNumber(in: 1...12)
      let thresholds = tiers.required("from_average_daily_balance")
        .flatMap { DocumentMapping(anyKeys: $0) }?.entries
        .compactMap { entry in entry.value.decimal().map { (tier: entry.key, from: $0) } }
      if let since, since.components.day != 1 {
        managers.required("since")?.report("\(since) is not the first day of a month; write one")
      }
      guard let accountsPerManager, let pattern, let since, let months, let thresholds else {
        return nil
      }
      return Overlay(
        digest: Digest.of(yaml), accountsPerManager: accountsPerManager, numberPattern: pattern,
        since: since, reviewMonths: months, thresholds: thresholds)
    }
  }

  private init(
    digest: [UInt8], accountsPerManager: Int, numberPattern: String, since: CivilDate,
    reviewMonths: Int, thresholds: [(tier: String, from: ExactDecimal)]
  ) {
    self.digest = digest
    self.accountsPerManager = accountsPerManager
    self.numberPattern = numberPattern
    self.since = since
    self.reviewMonths = reviewMonths
    self.thresholds = thresholds
  }
}
