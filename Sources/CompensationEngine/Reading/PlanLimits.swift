/// The sizes that a plan may have. They keep a hostile or mistaken file from eating the machine; no
/// real plan comes near them.
enum PlanLimits {
  static let components = 200
  static let rateTiers = 1_000
  static let coefficients = 1_000
  static let instalments = 120
  static let months = 240
}
