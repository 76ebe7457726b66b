import ArgumentParser

/// `hardwise basisn`
struct BasisNCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "basisn",
    abstract: "Run any network on a few crossbars that are written once.",
    discussion: """
      `basisn encode` or `basisn train` makes a .basisn file, `sweep` many of them; `schedule`, `cost`, `simulate` and \
      `doctor` say what a chip makes of it. The paper's claims: `hardwise reproduce basisn`; the hot loops: `hardwise bench basisn`.
      """,
    subcommands: [
      BasisNEncode.self, BasisNTrain.self, BasisNInspect.self, BasisNSchedule.self, BasisNCost.self,
      BasisNSimulate.self, BasisNDoctor.self, BasisNSweep.self,
    ])
}
