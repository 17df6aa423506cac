import Quantities

/// Everybody whom a plan may pay for a month, and what is known about them, their units and deals.
public struct Population: Hashable, Sendable {
  /// The people.
  public var people: [PersonInputs]
  /// The figures of units, by their codes.
  public var units: [String: FigureInputs]
  /// The figures of teams, by their codes.
  public var teams: [String: FigureInputs]
  /// The figures of the whole bank.
  public var bank: FigureInputs
  /// Deals that several people may share.
  public var deals: [Deal]
  /// What one unit of another currency is in the plan's, at the day that the plan names.
  public var exchangeRates: [String: ExactDecimal]

  /// Joins the inputs.
  public init(
    people: [PersonInputs], units: [String: FigureInputs] = [:],
    teams: [String: FigureInputs] = [:], bank: FigureInputs = FigureInputs(), deals: [Deal] = [],
    exchangeRates: [String: ExactDecimal] = [:]
  ) {
    self.people = people
    self.units = units
    self.teams = teams
    self.bank = bank
    self.deals = deals
    self.exchangeRates = exchangeRates
  }
}

/// Metrics and targets of a person, a unit, a team or the bank.
public struct FigureInputs: Hashable, Sendable {
  /// The metrics of each span by name; those of a quarter or a year are up to the end of the month.
  public var metrics: [Span: [String: MetricValue]]
  /// The targets of each span by the name of the metric.
  public var targets: [Span: [String: MetricValue]]

  /// Joins metrics and targets.
  public init(
    metrics: [Span: [String: MetricValue]] = [:], targets: [Span: [String: MetricValue]] = [:]
  ) {
    self.metrics = metrics
    self.targets = targets
  }

  func value(of measure: Measure) -> MetricValue? {
    (measure.isTarget ? targets : metrics)[measure.span]?[measure.metric]
  }
}

/// What a plan needs to know about one person for one month.
public struct PersonInputs: Hashable, Sendable {
  /// The person's employee number or any other name, unique among the people.
  public var person: String
  /// The code of the person's tier; nil if they have none.
  public var tier: String?
  /// The tiers that the person held within the month, in their order, where they were several.
  public var tierSpans: [TierSpan] = []
  /// The code of the person's post; nil if they have none.
  public var post: String?
  /// The code of the unit that the person belongs to.
  public var unit: String?
  /// The code of the team that the person belongs to.
  public var team: String?
  /// The codes of the units and teams that the person leads.
  public var leads: [String] = []
  /// The days of the month on which the person is paid, the first one included; nil for all.
  public var daysActive: Int?
  /// Metrics and targets. Those that the plan does not use change nothing.
  public var figures: FigureInputs
  /// What each component, by its code, carried from the month before.
  public var carried: [String: ExactDecimal] = [:]
  /// What each component, by its code, has paid since a span began, before this month.
  public var paid: [Span: [String: ExactDecimal]] = [:]
  /// The transactions of each metric, in any order, each times the person's share.
  public var transactions: [String: [Transaction]] = [:]
  /// Amounts decided elsewhere, such as recoveries, each with its record.
  public var entries: [Entry] = []

  /// The metrics of the month.
  public var metrics: [String: MetricValue] {
    get { figures.metrics[.month] ?? [:] }
    set { figures.metrics[.month] = newValue }
  }

  /// Joins the inputs that most plans need.
  public init(
    person: String, tier: String?, metrics: [String: MetricValue], unit: String? = nil,
    post: String? = nil
  ) {
    self.person = person
    self.tier = tier
    self.unit = unit
    self.post = post
    self.figures = FigureInputs(metrics: [.month: metrics])
  }
}

/// Days of a month on which a person held a tier.
public struct TierSpan: Hashable, Sendable, Codable {
  /// The code of the tier; nil for none.
  public let tier: String?
  /// How many days of the month.
  public let days: Int

  /// Joins tier and days.
  public init(tier: String?, days: Int) {
    self.tier = tier
    self.days = days
  }
}

/// One transaction of a metric.
public struct Transaction: Hashable, Sendable {
  /// Its number, for explanations.
  public let number: String
  /// Its amount.
  public let amount: ExactDecimal

  /// Joins number and amount.
  public init(number: String, amount: ExactDecimal) {
    self.number = number
    self.amount = amount
  }
}

/// An amount that was decided elsewhere.
public struct Entry: Hashable, Sendable {
  /// The class of entries that components name, such as `clawback`.
  public let entryClass: String
  /// The record that it rests on, such as the number of an accountability action.
  public let record: String
  /// The amount, in the plan's currency; below zero for what is taken back.
  public let amount: ExactDecimal

  /// Joins class, record and amount.
  public init(entryClass: String, record: String, amount: ExactDecimal) {
    self.entryClass = entryClass
    self.record = record
    self.amount = amount
  }
}

/// A deal that people share by their roles.
public struct Deal: Hashable, Sendable {
  /// Its number, for explanations.
  public let number: String
  /// The metric that it counts for.
  public let metric: String
  /// Its amount.
  public let amount: ExactDecimal
  /// Who took part: the person and the role.
  public let participants: [Participant]

  /// A person in a role.
  public struct Participant: Hashable, Sendable {
    /// The person, as the inputs name them.
    public let person: String
    /// The role.
    public let role: String

    /// Joins person and role.
    public init(person: String, role: String) {
      self.person = person
      self.role = role
    }
  }

  /// Joins the parts.
  public init(
    number: String, metric: String, amount: ExactDecimal, participants: [Participant]
  ) {
    self.number = number
    self.metric = metric
    self.amount = amount
    self.participants = participants
  }
}
