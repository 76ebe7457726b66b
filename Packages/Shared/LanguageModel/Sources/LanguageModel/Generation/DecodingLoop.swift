import TinyTensor

/// Generates one token after the other; the plain, synchronous form of ``TextGenerator``.
///
/// ```swift
/// var loop = try DecodingLoop(model, tokenizer: tokenizer, prompt: tokens)
/// while let step = try loop.next() { print(step.text, terminator: "") }
/// let conversation = try loop.completedCache()            // prompt and answer, for the next turn
/// ```
public struct DecodingLoop: Sendable {
  /// The context: the prompt and the tokens generated so far, but for the last ones; see ``completedCache()``.
  public private(set) var cache: KVCache
  /// Why generation ended, once it has.
  public private(set) var finishReason: FinishReason?
  /// The tokens generated so far, without the stop token.
  public private(set) var tokens: [Int32] = []

  private let model: LlamaModel
  private let options: GenerationOptions
  private let stopTokens: Set<Int32>
  private let history: [Int32]
  private var sampler: Sampler
  private var constraint: (any TokenConstraint)?
  private var decoder: StreamDecoder?
  private var stops: StopMatcher
  /// Tokens that are not in the cache yet.
  private var pending: [Int32]
  /// Forced tokens that were appended but not handed out yet.
  private var queue: [Int32] = []

  /// Prepares generation behind a cached context.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - tokenizer: turns tokens into text and knows the end tokens; without it only tokens come out.
  ///   - prompt: the tokens to append before generating; may be empty only if `cache` ends in a token.
  ///   - cache: the context before the prompt; empty by default.
  ///   - options: when to end and how to choose.
  ///   - constraint: which tokens may come.
  /// - Throws: ``LanguageModelError``.
  public init(
    _ model: LlamaModel, tokenizer: Tokenizer?, prompt: [Int32], cache: KVCache? = nil,
    options: GenerationOptions = GenerationOptions(), constraint: (any TokenConstraint)? = nil
  ) throws(LanguageModelError) {
    self.model = model
    self.options = options
    self.constraint = constraint
    sampler = try Sampler(options.sampling)
    stopTokens = options.stopTokens.union(options.stopsAtEndTokens ? tokenizer?.stopTokens ?? [] : [])
    decoder = tokenizer?.makeStreamDecoder()
    stops = StopMatcher(options.stopStrings)
    var context = cache ?? model.makeCache()
    history = context.tokens + prompt
    pending = prompt
    if prompt.isEmpty {
      // The last slot is computed again, for its logits.
      guard let last = context.tokens.last, last != KVCache.softToken else {
        throw LanguageModelError(
          .invalidArgument, "generation needs a prompt, or a cache that ends in a token", remedy: "pass a prompt")
      }
      let position = Int(context.positions[context.count - 1])
      context.truncate(to: context.count - 1)
      try context.setNextPosition(position)
      pending = [last]
    }
    self.cache = context
    if options.maximumTokens <= 0 { finishReason = .length }
  }

  /// The next token, or `nil` when generation has ended.
  ///
  /// - Throws: ``LanguageModelError``, for instance for a constraint that no token satisfies.
  public mutating func next() throws(LanguageModelError) -> GeneratedToken? {
    if !queue.isEmpty { return emit(queue.removeFirst(), logProbability: 0, isForced: true) }
    guard finishReason == nil else { return nil }
    if Task.isCancelled {
      finishReason = .cancelled
      return nil
    }
    if let forced = try forcedTokens() { return emit(forced, logProbability: 0, isForced: true) }
    if finishReason != nil { return nil }
    let allowed = try allowedTokens()
    if let allowed, allowed.isEmpty {
      finishReason = .constraintComplete
      return nil
    }
    let logits = try evaluate()
    let choice = try sampler.choose(logits, history: recentTokens(), allowed: allowed)
    if stopTokens.contains(choice.token) {
      finishReason = .stopToken
      return flush(choice)
    }
    try constraint?.advance(choice.token)
    pending = [choice.token]
    tokens.append(choice.token)
    limit()
    return emit(choice.token, logProbability: choice.logProbability, isForced: false)
  }

  /// Appends what the constraint forces; returns the first such token and queues the others.
  private mutating func forcedTokens() throws(LanguageModelError) -> Int32? {
    guard var automaton = constraint else { return nil }
    var forced = automaton.forcedTokens()
    if forced.count > options.maximumTokens - tokens.count {
      forced.removeSubrange((options.maximumTokens - tokens.count)...)
    }
    for token in forced { try automaton.advance(token) }
    constraint = automaton
    guard let first = forced.first else { return nil }
    pending += forced
    tokens += forced
    queue = Array(forced.dropFirst())
    limit()
    return first
  }

  /// The tokens to choose from, the end tokens among them where the constraint allows to end.
  private mutating func allowedTokens() throws(LanguageModelError) -> TokenSet? {
    guard var automaton = constraint else { return nil }
    let mask = automaton.allowedTokens()
    constraint = automaton
    guard var mask else { return nil }
    if automaton.isComplete {
      if mask.isEmpty { return mask }
      for token in stopTokens { mask.insert(token) }
    } else if mask.isEmpty {
      throw LanguageModelError(
        .deadEnd, "the constraint allows no token after \(tokens.count) generated ones",
        remedy: "the vocabulary may lack a byte that the constraint needs")
    }
    return mask
  }

  /// What the repetition penalty looks at.
  private func recentTokens() -> [Int32] {
    let window = options.sampling.repetitionWindow
    if tokens.count >= window { return tokens.suffix(window) }
    return history.suffix(window - tokens.count) + tokens
  }

  private mutating func evaluate() throws(LanguageModelError) -> [Float] {
    let logits = try model.forward(pending, cache: &cache)
    pending = []
    return logits.scalars
  }

  /// Notes why this token is the last one, if it is.
  private mutating func limit() {
    if constraint?.isComplete == true, constraint?.allowedTokens()?.isEmpty == true {
      finishReason = .constraintComplete
    } else if tokens.count >= options.maximumTokens {
      finishReason = .length
    } else if cache.count + pending.count > model.contextLimit {
      finishReason = .contextFull
    }
  }

  /// The context with all generated tokens, for the next turn: the last tokens are computed only now.
  ///
  /// - Throws: ``LanguageModelError``.
  public mutating func completedCache() throws(LanguageModelError) -> KVCache {
    if !pending.isEmpty {
      _ = try model.forward(pending, cache: &cache, logits: .none)
      pending = []
    }
    return cache
  }

  /// Turns a token into output and looks for stop strings.
  private mutating func emit(_ token: Int32, logProbability: Double, isForced: Bool) -> GeneratedToken {
    var text = decoder?.append(token) ?? ""
    let (certain, isStopped) = stops.append(text)
    text = certain
    if isStopped {
      finishReason = .stopString
      queue = []
    } else if finishReason != nil && queue.isEmpty {
      text += stops.append(decoder?.finish() ?? "").text + stops.finish()
    }
    return GeneratedToken(token: token, text: text, logProbability: logProbability, isForced: isForced)
  }

  /// Text that was held back when a stop token came, as a last step.
  private mutating func flush(_ choice: Sampler.Choice) -> GeneratedToken? {
    let text = stops.append(decoder?.finish() ?? "").text + stops.finish()
    if text.isEmpty { return nil }
    return GeneratedToken(token: choice.token, text: text, logProbability: choice.logProbability, isForced: false)
  }
}
