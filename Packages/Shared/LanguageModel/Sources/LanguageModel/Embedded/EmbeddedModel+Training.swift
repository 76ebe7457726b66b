import Foundation

extension EmbeddedModel {
  /// What came out of a training.
  public struct TrainingResult: Sendable, Hashable, Codable {
    /// The number of weights.
    public let parameters: Int
    /// Tokens of the vocabulary.
    public let vocabulary: Int
    /// Tokens of the training text.
    public let trainingTokens: Int
    /// The mean loss of the last tenth of the steps, in nats per token.
    public let trainingLoss: Double
    /// The mean loss of the written file on documents that were not trained on, in nats per token.
    public let heldOutLoss: Double
    /// Wall time of the training, in seconds.
    public let seconds: Double
  }

  /// Makes the embedded model anew: writes the corpus, learns its vocabulary, trains, quantises.
  ///
  /// The same settings give the same file, whatever the number of threads.
  ///
  /// - Parameters:
  ///   - url: the GGUF file to write.
  ///   - trainer: steps, batch, learning rate, seed.
  ///   - type: the format of the matrices.
  ///   - documents: how many documents to train on.
  ///   - onStep: called after each step.
  /// - Throws: ``LanguageModelError`` (cancelled tasks too), ``TokenizerError``, ``QuantizationError``, ``ModelFileError`` or
  ///   `FileError`.
  public static func train(
    to url: URL, trainer: LlamaTrainer = LlamaTrainer(), type: TensorType = .q8_0, documents: Int = 40_000,
    onStep: (LlamaTrainer.Step) -> Void = { _ in }
  ) throws -> TrainingResult {
    let start = ContinuousClock.now
    let corpus = documentsOfCorpus(documents, seed: trainer.seed)
    let learned = try BytePairTrainer(vocabulary: 512, controlTokens: controlTokens)
      .learn(from: corpus.prefix(4000).map(\.plainText).joined(separator: "\n"))
    let tokens = encode(corpus, with: learned.tokenizer)
    let model = try TrainableLlama(config(vocabulary: learned.tokenizer.vocabularyCount), seed: trainer.seed)
    let losses = try trainer.train(model, on: tokens, onStep: onStep)

    var metadata = learned.metadata
    metadata["tokenizer.chat_template"] = .string(chatTemplate)
    metadata["general.license"] = .string("apache-2.0")
    try model.write(to: url, type: type, metadata: metadata)
    let seconds = start.duration(to: .now)

    let heldOut = encode(documentsOfCorpus(400, seed: trainer.seed &+ 1), with: learned.tokenizer)
    let written = try LlamaModel(ModelFile(contentsOf: url))
    let tail = losses.suffix(max(1, losses.count / 10))
    return TrainingResult(
      parameters: model.config.parameterCount, vocabulary: model.config.vocabulary, trainingTokens: tokens.count,
      trainingLoss: Double(tail.reduce(0, +)) / Double(max(1, tail.count)),
      heldOutLoss: try written.perplexity(of: heldOut, window: 256).meanLoss,
      seconds: Double(seconds.components.seconds) + 1e-18 * Double(seconds.components.attoseconds))
  }

  private static func documentsOfCorpus(_ count: Int, seed: UInt64) -> [TinyCorpus.Document] {
    var corpus = TinyCorpus(seed: seed)
    return (0..<count).map { _ in corpus.next() }
  }

  /// The documents as one text, each behind the token that ends texts.
  static func encode(_ documents: [TinyCorpus.Document], with tokenizer: Tokenizer) -> [Int32] {
    let template = ChatTemplate(.chatML)
    return documents.flatMap { document in
      let content =
        switch document {
        case .text(let text): tokenizer.encode(text)
        case .dialogue(let messages): tokenizer.encode(messages, template: template, addGenerationPrompt: false)
        }
      return [tokenizer.beginToken].compactMap { $0 } + content
    }
  }
}
