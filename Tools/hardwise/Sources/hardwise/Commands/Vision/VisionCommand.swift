import ArgumentParser

/// `hardwise vision`
struct VisionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vision",
    abstract: "Vision networks: look inside, evaluate, train.",
    subcommands: [VisionInfo.self, VisionEval.self, VisionTrain.self, VisionData.self, VisionProve.self])
}
