import ArgumentParser

/// `hardwise basissharing`
struct BasisSharingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "basissharing",
    abstract: "Compress a language model: adjacent layers share the bases of their low-rank factors.",
    discussion: """
      `hardwise compress --ratio 0.2 --out small.gguf` does everything; the other verbs do its parts. The file runs wherever an \
      ordinary GGUF file runs in this workspace, such as `hardwise lm chat --model small.gguf`. The paper's claims: \
      `hardwise reproduce basissharing`.
      """,
    subcommands: [
      CompressRun.self, CompressCalibrate.self, CompressInspect.self, CompressPlan.self, CompressUpdate.self,
      CompressFinetune.self, CompressCut.self, CompressEval.self, CompressReport.self, CompressBench.self,
      CompressExport.self,
    ], defaultSubcommand: CompressRun.self, aliases: ["compress"])
}
