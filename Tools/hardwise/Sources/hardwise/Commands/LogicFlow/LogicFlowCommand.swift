import ArgumentParser

/// `hardwise logicflow`
struct LogicFlowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logicflow",
    abstract: "Turn a small network into if/else flows that provably give the same answers.",
    discussion: """
      `train` makes an integer network out of a CSV file, `convert` finds flows and a schedule, `verify` checks every proof, \
      `emit` writes C, Swift or RISC-V assembly. The paper's claims: `hardwise reproduce logicflow`.
      """,
    subcommands: [
      LogicFlowTrain.self, LogicFlowPredict.self, LogicFlowPaths.self, LogicFlowRegions.self, LogicFlowConvert.self,
      LogicFlowVerifyCommand.self,
      LogicFlowEmit.self, LogicFlowRun.self, LogicFlowBenchCommand.self, LogicFlowExplain.self,
    ])
}
