import ArgumentParser
import Foundation
import PrivateServer

/// `banyan server`: a PostgreSQL server of one's own in a folder.
struct ServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Run a private PostgreSQL server in a folder.",
    discussion: """
      The server keeps everything in one folder, listens on a Unix socket only, and is yours alone. \
      Run by root it belongs to the operating system's user postgres, or to the one that --user names.

      EXAMPLES
        banyan server start
        banyan server start --data /srv/bank
        banyan server psql -- -c 'select count(*) from bank.account'
        DATABASE_URL=$(banyan server url) some-other-tool
      """,
    subcommands: [
      ServerStart.self, ServerStop.self, ServerStatusCommand.self, ServerPsql.self, ServerURL.self,
    ])
}

struct ServerOptions: ParsableArguments {
  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "Operating system user that runs the server when you are root (default: postgres).",
      valueName: "name"))
  var user: String?

  var server: PrivateServer {
    get throws { PrivateServer(folder: try database.folder, operatingSystemUser: user) }
  }
}

struct ServerStart: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start the server; make its cluster if there is none.",
    discussion: """
      EXAMPLES
        banyan server start
        banyan server start --data /srv/bank --user bank
      """)
  @OptionGroup var options: ServerOptions

  func execute() async throws {
    let server = try options.server
    switch try server.start() {
    case .started: print("The server in \(server.folder) is running.")
    case .alreadyRunning: print("The server in \(server.folder) was running already.")
    }
    if case .environment(_, let variable) = try options.database.target {
      tell("Note: \(variable) is set, so the other commands use that server and not this one.")
    }
  }
}

struct ServerStop: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop the server; its data stay.",
    discussion: """
      EXAMPLES
        banyan server stop
        banyan server stop --data /srv/bank
      """)
  @OptionGroup var options: ServerOptions

  func execute() async throws {
    let server = try options.server
    switch try server.stop() {
    case .stopped: print("The server in \(server.folder) is stopped.")
    case .notRunning: print("The server in \(server.folder) was not running.")
    }
  }
}

struct ServerStatusCommand: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say whether the server runs (exit code 0 if it does, 2 if not).",
    discussion: """
      EXAMPLE
        banyan server status || banyan server start
      """)
  @OptionGroup var options: ServerOptions

  func execute() async throws {
    let server = try options.server
    switch try server.status() {
    case .running(let running):
      print("The server in \(server.folder) is \(phrase(running.state)).")
      print("  PostgreSQL \(running.majorVersion), process \(running.process)")
      print("  socket \(running.socketFolder)")
      print("  up for \(running.uptime) seconds")
      return
    case .notCreated:
      print("There is no server in \(server.folder); `banyan server start` makes one.")
    case .stopped: print("The server in \(server.folder) is stopped.")
    case .crashed:
      print("The server in \(server.folder) ended without tidying up; its next start recovers.")
    }
    throw ExitCode.databaseLost
  }

  private func phrase(_ state: RunningServer.State) -> String {
    switch state {
    case .starting: "starting"
    case .ready: "running"
    case .stopping: "stopping"
    }
  }
}

struct ServerPsql: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "psql",
    abstract: "Open psql on the database that the commands use; arguments for psql follow --.",
    discussion: """
      EXAMPLES
        banyan server psql
        banyan server psql -- -c 'select count(*) from bank.account'
        banyan server psql -- -f - < questions.sql
      """)
  @OptionGroup var options: ServerOptions

  @Argument(help: "Arguments for psql.")
  var arguments: [String] = []

  func execute() async throws {
    let command: PsqlCommand
    switch try options.database.target {
    case .privateServer:
      command = try options.server.psqlCommand(arguments: arguments)
    case .environment(let conninfo, _):
      let own = try options.server.psqlCommand(arguments: [])
      command = PsqlCommand(
        program: own.program,
        arguments: (conninfo.isEmpty ? [] : ["--dbname", conninfo]) + arguments,
        environment: ProcessInfo.processInfo.environment)
    }
    try replaceProcess(by: command)
  }

  /// Becomes psql, so that the terminal, signals and exit code are psql's own.
  private func replaceProcess(by command: PsqlCommand) throws {
    var arguments = ([command.program] + command.arguments).map { strdup($0) } + [nil]
    var environment = command.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    execve(command.program, &arguments, &environment)
    let reason = String(cString: strerror(errno))
    complain("“\(command.program)” cannot be run: \(reason)")
    throw ExitCode.failure
  }
}

struct ServerURL: PlatformCommand {
  static let configuration = CommandConfiguration(
    commandName: "url", abstract: "Print the URL of the database that the commands use.",
    discussion: """
      EXAMPLE
        pg_dump "$(banyan server url)" > bank.sql
      """)
  @OptionGroup var options: ServerOptions

  func execute() async throws {
    switch try options.database.target {
    case .privateServer: print(try options.server.url)
    case .environment(let conninfo, let variable):
      if conninfo.isEmpty {
        complain("the server is named by \(variable) and the other PG* variables; there is no URL")
        throw ExitCode.failure
      }
      print(conninfo)
    }
  }
}
