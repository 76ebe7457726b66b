import ArgumentParser

/// `hardwise classawarepruning`, or `hardwise prune`.
struct ClassAwarePruningCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classawarepruning",
    abstract: "Prune filters that serve few classes; get a physically smaller network.",
    discussion: """
      The whole way is `prune run`. By hand it is `score`, `plan`, `apply`, and `latency` to see what it brings. The paper's \
      claims: `hardwise reproduce classawarepruning`.
      """,
    subcommands: [
      PruneRun.self, PruneScore.self, PrunePlan.self, PruneApply.self, PruneCompare.self, PruneLatency.self,
      PruneUnits.self, PruneDrop.self, PruneExport.self,
    ],
    aliases: ["prune"])
}
