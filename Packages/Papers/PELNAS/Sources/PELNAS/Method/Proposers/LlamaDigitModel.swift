import Foundation
import LanguageModel

/// The workspace's runtime as a ``DigitModel``: the prompt is read once and kept, and all answers are decoded as one batch behind it.
public final class LlamaDigitModel: DigitModel {
  private let chat: LocalChatModel
  private let digits: [Int]
  private let prefixes = PrefixMemory()

  public var name: String { chat.model.config.name.isEmpty ? "llama" : chat.model.config.name }
  public var fingerprint: String? { chat.model.identity.hash }

  /// A model whose tokenizer has one token per digit.
  ///
  /// - Throws: ``PELNASError/proposer(_:)`` if it has not.
  public init(_ chat: LocalChatModel) throws(PELNASError) {
    self.chat = chat
    var found: [Int] = []
    for digit in 0...9 {
      let tokens = chat.tokenizer.encode("\(digit)", special: .asText)
      guard tokens.count == 1, let token = tokens.first else {
        throw .proposer(
          "the tokenizer of \(chat.model.config.name) has no single token for \(digit); use --proposer knowledge, or another model"
        )
      }
      found.append(Int(token))
    }
    digits = found
  }

  /// Opens a model file, or without one the model that is embedded in the workspace.
  public static func open(_ url: URL?) throws -> LlamaDigitModel {
    guard let url else {
      let file = try EmbeddedModel.file()
      return try LlamaDigitModel(
        LocalChatModel(try LlamaModel(file), tokenizer: try file.tokenizer(), template: try file.chatTemplate()))
    }
    return try LlamaDigitModel(LocalChatModel(contentsOf: url))
  }

  public func begin(_ messages: [ChatMessage], answers: Int) throws -> any DigitSession {
    let tokens = chat.promptTokens(messages)
    let opening = chat.tokenizer.encode(
      Array(messages.prefix(1)), template: chat.template, addGenerationPrompt: false)
    let shared = zip(tokens.dropLast(), opening).prefix { $0 == $1 }.count
    var (cache, isRemembered) = try prefixes.cache(of: Array(tokens.prefix(shared))) {
      var cache = chat.model.makeCache()
      if shared > 0 { _ = try chat.model.forward(Array(tokens.prefix(shared)), cache: &cache, logits: .none) }
      return cache
    }
    _ = try chat.model.forward(Array(tokens.dropFirst(shared)), cache: &cache, logits: .none)
    return Session(
      chat: chat, digits: digits, caches: Array(repeating: cache, count: answers),
      read: isRemembered ? tokens.count - shared : tokens.count)
  }

  private struct Session: DigitSession {
    let chat: LocalChatModel
    let digits: [Int]
    var caches: [KVCache]
    var tokens = TokenCount()

    init(chat: LocalChatModel, digits: [Int], caches: [KVCache], read: Int) {
      self.chat = chat
      self.digits = digits
      self.caches = caches
      tokens.read = read
    }

    mutating func advance(_ texts: [String]) throws -> [[Float]] {
      let batch = texts.map { chat.tokenizer.encode($0, special: .asText) }
      tokens.written += batch.reduce(0) { $0 + $1.count }
      let logits = try chat.model.forward(batch: batch, caches: &caches)
      return logits.map { row in
        row.withUnsafeBufferPointer { values in digits.map { values[$0] } }
      }
    }
  }
}
