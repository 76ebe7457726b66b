import LanguageModel
import Testing

@Suite("Tiny corpus")
struct TinyCorpusTests {
  private func documents(_ count: Int, seed: UInt64) -> [TinyCorpus.Document] {
    var corpus = TinyCorpus(seed: seed)
    return (0..<count).map { _ in corpus.next() }
  }

  @Test("documents are a function of the seed")
  func deterministic() {
    #expect(documents(200, seed: 1) == documents(200, seed: 1))
    #expect(documents(200, seed: 1) != documents(200, seed: 2))
  }

  @Test("every sum is right")
  func sums() throws {
    var count = 0
    for line in documents(2000, seed: 5).flatMap({ $0.plainText.split(whereSeparator: { ".?\n".contains($0) }) }) {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 5, words[3] == "=", let a = Int(words[0]), let b = Int(words[2]), let c = Int(words[4])
      else {
        continue
      }
      count += 1
      switch words[1] {
      case "+": #expect(a + b == c)
      case "-": #expect(a - b == c)
      default: #expect(words[1] == "×" && a * b == c)
      }
    }
    #expect(count > 500)
  }

  @Test("every comparison is right, and dialogues alternate")
  func comparisons() {
    for document in documents(2000, seed: 6) {
      if case .dialogue(let messages) = document {
        for (index, message) in messages.enumerated() { #expect(message.role == (index % 2 == 0 ? .user : .assistant)) }
      }
      for line in document.plainText.split(whereSeparator: { ".,\n".contains($0) }) {
        let words = line.split(separator: " ")
        guard words.count == 5, words[1] == "is", words[3] == "than", let a = Int(words[0]), let b = Int(words[4])
        else {
          continue
        }
        #expect(words[2] == "more" ? a > b : a < b)
      }
    }
  }
}
