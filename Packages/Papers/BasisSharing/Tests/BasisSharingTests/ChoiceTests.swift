import BasisSharing
import Foundation
import LanguageModel
import Testing

@Suite struct ChoiceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func task(_ lines: String) throws -> ChoiceTask {
    try Data(lines.utf8).write(to: folder.file("q.jsonl"))
    return try ChoiceTask(name: "test", contentsOf: folder.file("q.jsonl"))
  }

  @Test func theLikeliestContinuationIsTheAnswer() throws {
    let (file, model, _) = try Fixtures.tiny()
    let tokenizer = try file.tokenizer()
    func likelihood(_ prompt: String, _ rest: String) throws -> Double {
      let first = tokenizer.encode(prompt, special: .asText)
      let all = first + tokenizer.encode(rest, special: .asText)
      return try model.logProbabilities(of: all).suffix(all.count - first.count).reduce(0, +)
    }
    let choices = ["a small fast memory", "zqx vv"]
    let expected = try choices.map { try likelihood("Question: What is a cache?\nAnswer:", " " + $0) }
    let best = expected[0] > expected[1] ? 0 : 1
    for answer in 0..<2 {
      let questions = try task(
        #"{"id":"1","question":"What is a cache?","choices":["a small fast memory","zqx vv"],"answer":\#(answer)}"#)
      let score = try questions.score(model, tokenizer)
      #expect(score.count == 1 && score.accuracy == (answer == best ? 1 : 0))
    }
    // A blank is filled, and what follows it is scored.
    let rests = try choices.map { try likelihood("The \($0)", " stores bytes.") }
    let filled = try task(
      #"{"question":"The _ stores bytes.","choices":["a small fast memory","zqx vv"],"answer":\#(rests[0] > rests[1] ? 0 : 1)}"#
    )
    #expect(try filled.score(model, tokenizer).accuracy == 1)
  }

  @Test(
    arguments: [
      "{", "[]", #"{"question":"q","choices":["a"],"answer":0}"#, #"{"question":"q","choices":["a","b"],"answer":2}"#,
      #"{"question":"q","choices":["a",""],"answer":0}"#, #"{"choices":["a","b"],"answer":0}"#,
      #"{"question":"q","choices":["a","b"],"answer":"x"}"#,
    ])
  func brokenLinesAreNamed(line: String) {
    #expect {
      try task(#"{"question":"q","choices":["a","b"],"answer":1}"# + "\n" + line + "\n")
    } throws: { error in
      guard case .invalidQuestions(_, 2, _) = error as? BasisSharingError else { return false }
      return true
    }
  }
}
