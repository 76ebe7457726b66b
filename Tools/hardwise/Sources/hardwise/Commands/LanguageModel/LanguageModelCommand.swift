import ArgumentParser

/// `hardwise lm`
struct LanguageModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lm",
    abstract: "Language models: look inside, generate, chat, score, measure, convert.",
    discussion: """
      Without --model, commands use SmolLM2-135M-Instruct where it is on this machine (`make model` brings it), else a tiny \
      model that ships with the tool and knows some facts about hardware and little else.
      """,
    subcommands: [
      LanguageInfo.self, LanguageGenerate.self, LanguageChat.self, LanguageScore.self, LanguagePerplexity.self,
      LanguageTokenize.self, LanguageBenchCommand.self, LanguageQuantize.self, LanguageTrainTiny.self,
    ])
}
