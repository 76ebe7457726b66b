import ArgumentParser

/// The command-line tool: the only place of the workspace that knows all packages.
struct Hardwise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hardwise",
    abstract: "Hardware-aware AI: published methods, reproduced, measured and ready to use.",
    discussion: """
      Start with `hardwise list`, then `hardwise reproduce classawarepruning`.

      Exit codes: 0 done and every tested claim holds; 1 done, some claim fails; 2 bad input or usage; \
      3 missing data or tool; 130 interrupted.
      """,
    version: Version.current,
    subcommands: [
      ListCommand.self, ReproduceCommand.self, BenchCommand.self, DataCommand.self, DoctorCommand.self,
      VisionCommand.self, LanguageModelCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Packages",
        subcommands: [
          ClassAwarePruningCommand.self, BasisNCommand.self, LogicFlowCommand.self, PELNASCommand.self,
          BasisSharingCommand.self,
        ])
    ]
  )
}

/// The version that `--version` prints and that reports carry.
enum Version {
  static let current = "0.1.0"
}
