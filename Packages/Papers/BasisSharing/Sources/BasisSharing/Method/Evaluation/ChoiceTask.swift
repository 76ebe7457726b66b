import Foundation
import JSONC
import LanguageModel

/// Multiple-choice questions, answered by the continuation that a model finds most likely (section "zero-shot").
public struct ChoiceTask: Sendable {
  /// One question with its choices.
  public struct Question: Sendable, Hashable, Codable {
    /// The text of the question; a `_` in WinoGrande's questions stands for the choice.
    public let question: String
    /// The choices, two or more.
    public let choices: [String]
    /// The index of the right one.
    public let answer: Int
  }

  /// How many questions were answered right.
  public struct Score: Sendable, Hashable, Codable {
    /// Questions.
    public let count: Int
    /// Share answered right by total log-likelihood.
    public let accuracy: Double
    /// Share answered right by log-likelihood per byte of the choice.
    public let normalizedAccuracy: Double
  }

  /// The name of the set.
  public let name: String
  /// The questions.
  public let questions: [Question]

  /// Reads one JSON object per line.
  ///
  /// - Throws: ``BasisSharingError/invalidQuestions(path:line:problem:)``, or a file's error.
  public init(name: String, contentsOf url: URL, limit: Int? = nil) throws {
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").prefix(limit ?? .max)
    self.name = name
    questions = try lines.enumerated().map { index, line in
      func failure(_ problem: String) -> BasisSharingError {
        .invalidQuestions(path: url.path, line: index + 1, problem: problem)
      }
      let question: Question
      do { question = try JSON.decode(Question.self, from: Data(line.utf8)) } catch { throw failure("\(error)") }
      guard question.choices.count > 1, question.choices.indices.contains(question.answer),
        question.choices.allSatisfy({ !$0.isEmpty })
      else { throw failure("\(question.choices.count) choices, answer \(question.answer)") }
      return question
    }
  }

  /// Asks a model every question.
  ///
  /// - Throws: `LanguageModelError`.
  public func score(_ model: LlamaModel, _ tokenizer: Tokenizer, progress: (Int) -> Void = { _ in }) throws -> Score {
    var right = 0
    var rightNormalized = 0
    for (index, question) in questions.enumerated() {
      let likelihoods = try likelihoods(question, model, tokenizer)
      let perByte = zip(likelihoods, question.choices).map { $0 / Double($1.utf8.count) }
      right += likelihoods.firstIndex(of: likelihoods.max() ?? 0) == question.answer ? 1 : 0
      rightNormalized += perByte.firstIndex(of: perByte.max() ?? 0) == question.answer ? 1 : 0
      progress(index + 1)
    }
    let count = Double(max(1, questions.count))
    return Score(
      count: questions.count, accuracy: Double(right) / count, normalizedAccuracy: Double(rightNormalized) / count)
  }

  private func likelihoods(_ question: Question, _ model: LlamaModel, _ tokenizer: Tokenizer) throws -> [Double] {
    let parts = question.question.components(separatedBy: "_")
    if parts.count == 2 {
      // The rest of the sentence is scored behind each filled blank.
      let rest = tokenizer.encode(parts[1], special: .asText)
      return try question.choices.map { choice in
        try score([rest], behind: tokenizer.encode(parts[0] + choice, special: .asText), model)[0]
      }
    }
    let prompt = tokenizer.encode("Question: \(question.question)\nAnswer:", special: .asText)
    return try score(
      question.choices.map { tokenizer.encode(" " + $0, special: .asText) }, behind: prompt, model)
  }

  private func score(_ continuations: [[Int32]], behind prompt: [Int32], _ model: LlamaModel) throws -> [Double] {
    var cache = model.makeCache()
    let logits = try model.forward(prompt, cache: &cache, logits: .last)
    return try model.score(continuations, after: cache, lastLogits: logits)
  }
}
