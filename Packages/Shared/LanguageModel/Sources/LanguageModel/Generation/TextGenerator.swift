/// A stream of generated tokens.
///
/// ```swift
/// let generator = TextGenerator(model, tokenizer: tokenizer, prompt: tokens)
/// for try await step in generator { print(step.text, terminator: "") }
/// ```
///
/// Cancelling the surrounding task ends the stream after the current token. To go on with the context afterwards, iterate by hand and
/// read ``Iterator/loop``.
public struct TextGenerator: AsyncSequence, Sendable {
  /// One step.
  public typealias Element = GeneratedToken
  /// What iteration throws.
  public typealias Failure = LanguageModelError

  private let make: @Sendable () throws(LanguageModelError) -> DecodingLoop

  /// A generator; parameters as in ``DecodingLoop/init(_:tokenizer:prompt:cache:options:constraint:)``.
  public init(
    _ model: LlamaModel, tokenizer: Tokenizer?, prompt: [Int32], cache: KVCache? = nil,
    options: GenerationOptions = GenerationOptions(), constraint: (any TokenConstraint)? = nil
  ) {
    make = { () throws(LanguageModelError) -> DecodingLoop in
      try DecodingLoop(
        model, tokenizer: tokenizer, prompt: prompt, cache: cache, options: options, constraint: constraint)
    }
  }

  /// Starts generating from the beginning.
  public func makeAsyncIterator() -> Iterator { Iterator(make) }

  /// Generates on the caller's task.
  public struct Iterator: AsyncIteratorProtocol {
    /// The state of generation: context, tokens, reason of the end. `nil` before the first step.
    public private(set) var loop: DecodingLoop?
    private let make: @Sendable () throws(LanguageModelError) -> DecodingLoop

    init(_ make: @escaping @Sendable () throws(LanguageModelError) -> DecodingLoop) { self.make = make }

    /// The next token, or `nil` at the end.
    public mutating func next() async throws(LanguageModelError) -> GeneratedToken? {
      try await next(isolation: nil)
    }

    /// The next token, or `nil` at the end.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(LanguageModelError) -> GeneratedToken? {
      if loop == nil { loop = try make() }
      // Other tasks of the pool get their turn between tokens.
      await Task.yield()
      return try loop?.next()
    }
  }
}
