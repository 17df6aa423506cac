import ArgumentParser
import Banyan
import Exchange
import Foundation
import LibPQ
import PrivateServer

/// A command that does its work in ``execute()``: what that throws becomes one clear message on
/// standard error and a documented exit code.
protocol PlatformCommand: AsyncParsableCommand {
  func execute() async throws
}

extension PlatformCommand {
  func run() async throws {
    do {
      try await execute()
    } catch let code as ExitCode {
      throw code
    } catch is Interruption {
      complain("interrupted; no file was written")
      throw ExitCode.interrupted
    } catch {
      let (message, code) = explanation(of: error)
      complain(message)
      throw code
    }
  }

  private func explanation(of error: any Error) -> (message: String, code: ExitCode) {
    switch error {
    case let error as BanyanError:
      switch error.kind {
      case .data: (error.description, .dataErrors)
      case .usage: (error.description, .wrongUse)
      case .refusal: (error.description, .refused)
      case .failure: (error.description, .failure)
      }
    case let error as PostgresError where error.poisonsConnection || error.kind == .connection:
      (oneLine(error.description), .databaseLost)
    case let error as PostgresError
    where ["22007", "22023"].contains(error.sqlState?.rawValue) && error.hint != nil:
      ("\(error.message); \(error.hint?.lowercasedFirst ?? "")", .wrongUse)
    case let error as PostgresError:
      if let sentence = AccessRefusal.sentence(error, login: DatabaseOptions.login) {
        (oneLine(sentence), .refused)
      } else {
        (oneLine(error.description), .failure)
      }
    case let error as ServerNotRunning: (error.description, .databaseLost)
    case let error as PrivateServerError: (error.description, .failure)
    case let error as FileProblem: (error.description, .failure)
    case let error as SampleProblem:
      if case .impossibleSetting = error {
        (error.description, .wrongUse)
      } else {
        (error.description, .failure)
      }
    default: ("\(error)", .failure)
    }
  }
}

/// libpq breaks its messages into lines; here a message is one.
private func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    .joined(separator: " ")
}

extension String {
  /// As it goes on after a semicolon.
  var lowercasedFirst: String {
    prefix(1).lowercased() + (hasSuffix(".") ? dropFirst().dropLast() : dropFirst())
  }
}

extension ExitCode {
  /// The database cannot be reached, or was lost.
  static let databaseLost = ExitCode(2)
  /// Something is wrong with the data.
  static let dataErrors = ExitCode(3)
  /// Nothing is wrong, but --strict was given and something could be better.
  static let warnings = ExitCode(4)
  /// The command was used in a wrong way.
  static let wrongUse = ExitCode(64)
  /// The login may not do this.
  static let refused = ExitCode(77)
}

/// Says something on standard error, so that standard output holds data only.
func tell(_ message: String) {
  FileHandle.standardError.write(Data((message + "\n").utf8))
}

/// Says on standard error what went wrong.
func complain(_ message: String) {
  tell("banyan: " + message)
}
