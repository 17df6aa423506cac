import Documents

/// What each key of the plan language says, for messages about a key that is missing.
let planKeyMeanings: [String: String] = [
  "plan": "the code of the plan, such as berka-1993",
  "code": "the name by which other components and statements refer to this one",
  "title": "what people call it",
  "currency": "the currency of all amounts, such as CNY",
  "effective_from": "the first day on which the plan holds, such as 2026-01-01",
  "rounding": "how amounts are rounded, by the keys places, mode and level",
  "places": "how many digits after the point are paid, such as 2",
  "level": "where rounding happens: write line",
  "components": "the list of the plan's components",
  "deferral": "how a part of the pay is paid later: write none, or its keys",
  "kind": "how it is paid: \(alternatives(Component.Kind.allCases.map(\.rawValue)))",
  "metric": "which metric it pays for",
  "price": "the price in the plan's currency, such as 1.20",
  "per": "how many units of the metric the price is for, such as 1 or 10000",
  "missing": "what happens to a person without the metric: zero or refuse",
  "negative": "what happens if the metric is below zero: deduct, zero or refuse",
  "mode": "which of the known ways applies: for rate tables graduated or whole, for rounding "
    + alternatives(roundingNames),
  "boundary":
    "which tier an amount exactly on a bound belongs to: upper_inclusive (the lower tier) or "
    + "lower_inclusive (the higher tier)",
  "rate_unit": "the unit of the rates: fraction, percent, per_mille or price",
  "tiers": "the list of tiers, each with from, to and rate",
  "from": "the lower bound of the tier, 0 for the first",
  "to": "the upper bound of the tier, or unlimited for the last",
  "rate": "the rate of the tier in the table's rate_unit",
  "of": "the codes of the earlier components that it applies to",
  "coefficients": "the coefficient of each tier of people, such as senior: 1.20",
  "missing_tier":
    "what happens to a person without a tier, or with one that is not listed: refuse or 1",
  "limit": "the most that the sum may come to",
  "period": "the period of the limit: write month",
  "share": "the share that is deferred as a fraction, such as 0.40",
  "instalments": "how many equal instalments the deferred amount is paid in",
  "spacing_months": "how many months lie between instalments, such as 12",
  "first_due_after_months": "how many months after the pay the first instalment is due",
  "due_day": "when in its month an instalment is due: first_day_of_month or last_day_of_month",
]
