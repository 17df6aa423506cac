import ArgumentParser

/// `banyan`: the command that all others hang below.
@main
struct BanyanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "banyan",
    abstract: "A data platform for banks with many branches.",
    discussion: """
      Branches send files, head office sees one bank, and every cent of a relationship manager's pay \
      can be walked back to the line of the file that it came from.

      Every command uses the server that DATABASE_URL or the PG* variables name; without them, the \
      private server in .banyan (see `banyan server --help`).

      EXIT CODES
        0   done
        1   the platform or the system failed
        2   the database cannot be reached, or was lost
        3   something is wrong with the data: rows were rejected, or a file was refused
        4   nothing is wrong, but there are warnings, and --strict was given
        64  the command was used in a wrong way
        77  the login may not do this
        130 interrupted
      """,
    version: "0.1.0",
    subcommands: [
      ServerCommand.self, MigrateCommand.self, ImportCommand.self, BatchCommand.self,
      SubmissionsCommand.self, PeriodCommand.self,
      TemplateCommand.self, MappingCommand.self,
      OrgCommand.self, PersonCommand.self, TierCommand.self, SelectionCommand.self,
      ClientCommand.self, AssignmentCommand.self, TerritoryCommand.self, ClaimCommand.self,
      CollisionCommand.self, TransferCommand.self, HandoverCommand.self, DepartureCommand.self,
      AccessCommand.self, ApprovalCommand.self, AuditCommand.self, InspectionCommand.self,
      AccountabilityCommand.self, TargetCommand.self, PlanCommand.self, PayCommand.self,
      ReportCommand.self, SQLCommand.self, ExportCommand.self, ConfigCommand.self,
      DocsCommand.self, ManualCommand.self, DoctorCommand.self, SampleCommand.self,
    ])
}
