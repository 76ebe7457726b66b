import ArgumentParser
import FileKit
import Foundation
import JSONC
import LanguageModel
import ReproductionKit

/// `hardwise lm generate`
struct LanguageGenerate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Continue a text.",
    discussion: """
      The text is continued as it is, without a chat format: for conversations there is `hardwise lm chat`. The output can be \
      bound to a regular expression, to a JSON schema or to a list of choices; tokens that leave no choice cost nothing.
      """)

  @Argument(help: "The text; - reads standard input.")
  var prompt: String

  @OptionGroup var runtime: RuntimeArguments
  @OptionGroup var sampling: SamplingArguments

  @Option(help: ArgumentHelp("The output must match this regular expression over bytes.", valueName: "pattern"))
  var regex: String?

  @Option(help: ArgumentHelp("The output must be JSON of this schema.", valueName: "file"))
  var schema: String?

  @Option(help: ArgumentHelp("The output must be one of these texts; repeatable.", valueName: "text"))
  var choice: [String] = []

  @Flag(help: "Recognise control tokens such as <|im_end|> in the text.")
  var special = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [regex != nil, schema != nil, !choice.isEmpty].filter({ $0 }).count <= 1 else {
      throw ValidationError("--regex, --schema and --choice exclude each other; give one of them")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let (file, model) = try runtime.load()
    let tokenizer = try file.tokenizer()
    let loaded = clock.now
    let text = try TextInput.text(prompt)
    let begin = tokenizer.addsBeginToken ? [tokenizer.beginToken].compactMap { $0 } : []
    let tokens = begin + tokenizer.encode(text, special: special ? .recognized : .asText)
    guard !tokens.isEmpty else { throw ValidationError("the prompt is empty; give some text to continue") }
    var loop = try DecodingLoop(
      model, tokenizer: tokenizer, prompt: tokens,
      options: GenerationOptions(
        sampling: sampling.sampling, maximumTokens: sampling.maxTokens, stopStrings: sampling.stop),
      constraint: try constraint(tokenizer))
    var generated = ""
    var first: ContinuousClock.Instant?
    while let step = try loop.next() {
      first = first ?? clock.now
      generated += step.text
      if !output.json { Terminal.stream(step.text) }
    }
    let end = clock.now
    let decoding = (first ?? end).duration(to: end).seconds
    let result = Result(
      model: file.url.lastPathComponent, text: generated, finishReason: loop.finishReason ?? .stopToken,
      promptTokens: tokens.count, generatedTokens: loop.tokens.count, loadSeconds: start.duration(to: loaded).seconds,
      firstTokenSeconds: loaded.duration(to: first ?? end).seconds,
      tokensPerSecond: loop.tokens.count > 1 && decoding > 0 ? Double(loop.tokens.count - 1) / decoding : nil,
      peakMemoryBytes: ResourceUsage.peakMemoryBytes)
    try output.emit(result, text: "")
  }

  private func constraint(_ tokenizer: Tokenizer) throws -> (any TokenConstraint)? {
    if let regex { return try ByteConstraint(pattern: regex, tokenizer: tokenizer) }
    if let schema {
      let value = try JSON.parse(contentsOf: URL(fileURLWithPath: schema))
      return try ByteConstraint(jsonSchema: value, tokenizer: tokenizer)
    }
    if choice.isEmpty { return nil }
    return try ChoiceConstraint(
      choice.map { tokenizer.encode($0, special: .asText) }, vocabulary: tokenizer.vocabularyCount)
  }

  private struct Result: Encodable {
    let model, text: String
    let finishReason: FinishReason
    let promptTokens, generatedTokens: Int
    let loadSeconds, firstTokenSeconds: Double
    let tokensPerSecond: Double?
    let peakMemoryBytes: Int
  }
}
