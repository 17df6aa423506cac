import Exchange
import LibPQ

/// Where and when the rows of a report came from.
public struct Provenance: Sendable {
  /// When the server was asked, by its clock, in UTC.
  public let time: String
  /// Address and version of the server.
  public let server: String
  /// Name of the database.
  public let database: String
  /// Login that asked.
  public let login: String

  /// Asks the server.
  public init(of connection: isolated Connection) throws {
    (time, server, database, login) = try connection.row(
      """
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
        coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'local') || ', PostgreSQL '
          || current_setting('server_version'),
        current_database()::text, session_user::text
      """, as: (String, String, String, String).self)
  }
}

extension Provenance {
  /// What is known, for whom a table is written.
  public func facts(in language: Language) -> [TableNotes.Fact] {
    [
      .init(language.word(.time), time), .init(language.word(.server), server),
      .init(language.word(.database), database), .init(language.word(.login), login),
    ]
  }
}

extension Report {
  /// What pages and workbooks say about the report.
  public func notes(
    values: [String: String], provenance: Provenance, in language: Language
  ) -> TableNotes {
    let given = parameters.compactMap { parameter in
      values[parameter.name].map { "\(parameter.name)=\($0)" }
    }
    let asked: [TableNotes.Fact] = [
      .init(language.word(.report), name),
      .init(language.word(.parameters), given.isEmpty ? "–" : given.joined(separator: " ")),
    ]
    return TableNotes(
      title: title[language], description: description[language],
      facts: asked + provenance.facts(in: language), chart: chart)
  }
}
