import ArgumentParser

/// `hardwise pelnas`, also `hardwise nas`
struct PELNASCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pelnas",
    abstract: "Find the convolutional cells that suit a device: accuracy against latency.",
    discussion: """
      `pelnas search` runs the partitioned co-evolution, `bench` compares searchers at equal budget, `explain` says everything \
      about one cell. Devices: six of HW-NAS-Bench, 23 further ones, files (`pelnas device add`), this computer (`pelnas \
      measure`), and the hardware models systolic, roofline and crossbar. The paper's claims: `hardwise reproduce pelnas`.
      """,
    subcommands: [
      NASSearch.self, NASBench.self, NASFront.self, NASPredict.self, NASProxies.self, NASRules.self, NASExplain.self,
      NASCompare.self, NASDevice.self, NASMeasure.self,
    ],
    aliases: ["nas"])
}
