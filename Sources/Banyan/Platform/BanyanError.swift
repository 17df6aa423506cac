/// Something that the platform refuses or cannot do, in one sentence for a person: what, where, why
/// and what to do. The kind decides the exit code of the command.
public struct BanyanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Whose fault it is, which is what a script needs to know.
  public enum Kind: Hashable, Sendable {
    /// The data are wrong: a file, a mapping, a plan, or what the database holds.
    case data
    /// The caller asked for something that does not exist: a report, a batch, a parameter.
    case usage
    /// The login lacks a right.
    case refusal
    /// The installation is incomplete or the system failed.
    case failure
  }

  /// Whose fault it is.
  public let kind: Kind
  /// The sentence.
  public let description: String

  /// Wrong data.
  public static func data(_ description: String) -> BanyanError {
    BanyanError(kind: .data, description: description)
  }

  /// A wrong request.
  public static func usage(_ description: String) -> BanyanError {
    BanyanError(kind: .usage, description: description)
  }

  /// A login that lacks a right.
  public static func refusal(_ description: String) -> BanyanError {
    BanyanError(kind: .refusal, description: description)
  }

  /// A failure of the system or the installation.
  public static func failure(_ description: String) -> BanyanError {
    BanyanError(kind: .failure, description: description)
  }
}
