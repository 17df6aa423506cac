import Quantities

/// One step of the arithmetic behind a pay line. A step can be recomputed by a machine (fold the
/// terms from left to right) and printed for a person (``description``); the text is made only when
/// somebody asks for it.
///
/// Every line ends with a step of purpose ``Purpose/rounding``, whose result is the line's amount;
/// the step before it holds the unrounded amount.
public struct ArithmeticStep: Hashable, Sendable, Codable {
  /// What a step is for.
  public enum Purpose: String, Sendable, Codable, CaseIterable {
    /// A metric is taken; the subject is its name.
    case metric
    /// A metric is missing, and the plan says that it counts as zero; the subject is its name.
    case missingAsZero = "missing_as_zero"
    /// A metric is negative, and the plan says that it counts as zero; the subject is its name.
    case negativeAsZero = "negative_as_zero"
    /// A quantity is multiplied by a unit price.
    case price
    /// The slice of an amount that lies in one tier of a graduated table.
    case slice
    /// The whole amount at the rate of the one tier that it reaches.
    case wholeTier = "whole_tier"
    /// The slices of a graduated table are added.
    case slices
    /// The lines that a multiplier or a cap applies to are added; the subject lists their codes.
    case lines
    /// What a coefficient adds to 1; the subject is the tier, or `1` where the person has none.
    case coefficient
    /// A sum of lines is multiplied by what its coefficient adds to 1.
    case adjustment
    /// What a limit takes away: the limit less the sum, at most zero.
    case cap
    /// What a limit adds: the limit less the sum, at least zero.
    case floor
    /// The value of the tier that is reached, or of the point where no line goes on.
    case level
    /// A calculation that a formula or a rule makes; the subject says what it gives, or is empty.
    case calculation
    /// A named number of the plan is taken; the subject is its name.
    case parameter
    /// A figure has been made of others; the subject is its name.
    case figure
    /// Two numbers are compared by the sign that is the subject, or the subject is the whole
    /// comparison; the result is 1 if it holds and 0 if not.
    case condition
    /// A value is found in a table by name; the subject says where.
    case lookup
    /// A part of a formula is rounded; the subject is the mode, and the result's scale the places.
    case roundedPart = "rounded_part"
    /// A number about a group of people; the subject says which.
    case group
    /// An amount of another currency at its rate; the subject is the currency.
    case converted
    /// An amount is cut down to the days on which the person is paid.
    case prorated
    /// What was paid since a span began is taken off; the subject is the span.
    case lessPaid = "less_paid"
    /// An entry that was decided elsewhere; the subject is its record.
    case entry
    /// One transaction or deal; the subject is its number.
    case transaction
    /// The share that a distribution gives, zero-sum to the last unit; the subject says of what.
    case distributed
    /// Nothing is calculated; the subject says why.
    case remark
    /// The amount is rounded; the subject is the mode, and the result's scale the places.
    case rounding
  }

  /// What joins a term to the result of the terms before it.
  public enum Operation: String, Sendable, Codable, CaseIterable {
    /// The first term.
    case start
    /// Addition.
    case plus
    /// Subtraction.
    case minus
    /// Multiplication.
    case times
    /// Division.
    case dividedBy = "divided_by"
    /// The smaller of the two.
    case atMost = "at_most"
    /// The larger of the two.
    case atLeast = "at_least"
    /// Nothing is calculated with it; the one before is compared with it.
    case comparedWith = "compared_with"
  }

  /// A number in a step, with the operation that joins it to those before.
  public struct Term: Hashable, Sendable, Codable {
    /// What joins it to the terms before.
    public let operation: Operation
    /// The number as the plan, the metric or an earlier line gives it.
    public let value: ExactRatio
    /// The unit of a rate: 0.10 percent is 0.001.
    public let unit: RateUnit?

    init(_ operation: Operation, _ value: ExactRatio, unit: RateUnit? = nil) {
      self.operation = operation
      self.value = value
      self.unit = unit
    }

    init(_ operation: Operation, _ value: ExactDecimal, unit: RateUnit? = nil) {
      self.init(operation, ExactRatio(value), unit: unit)
    }
  }

  /// What the step is for.
  public let purpose: Purpose
  /// The metric, component codes, tier or rounding mode that the step is about; may be empty.
  public let subject: String
  /// The tier of a rate table, for slices and whole tiers.
  public let range: TierRange?
  /// The calculation; empty for the purposes that only state something.
  public let terms: [Term]
  /// The exact result, undivided.
  public let result: ExactRatio

  init(
    _ purpose: Purpose, subject: String = "", range: TierRange? = nil, terms: [Term] = [],
    result: ExactRatio
  ) {
    self.purpose = purpose
    self.subject = subject
    self.range = range
    self.terms = terms
    self.result = result
  }
}

/// The amounts that a tier of a rate table covers, in the unit of the metric.
public struct TierRange: Hashable, Sendable, Codable {
  /// The lower bound.
  public let from: ExactDecimal
  /// The upper bound; nil where the tier has none.
  public let upTo: ExactDecimal?

  /// Joins the bounds.
  public init(from: ExactDecimal, upTo: ExactDecimal?) {
    self.from = from
    self.upTo = upTo
  }
}
