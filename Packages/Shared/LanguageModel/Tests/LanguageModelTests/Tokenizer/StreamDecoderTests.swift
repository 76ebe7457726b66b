import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("Stream decoder")
struct StreamDecoderTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try SmallVocabulary.smollm() }

  private func stream(_ tokens: [Int32]) -> [String] {
    var decoder = tokenizer.makeStreamDecoder()
    var pieces = tokens.map { decoder.append($0) }
    pieces.append(decoder.finish())
    return pieces
  }

  @Test("pieces of valid text hold whole characters only, and add up")
  func validText() throws {
    let texts = try #require(try TestResource.json("small-golden.json")["texts"]?.arrayValue).compactMap(\.stringValue)
    for text in texts where !text.contains("\u{fffd}") {
      let pieces = stream(tokenizer.encode(text))
      #expect(pieces.joined() == text)
      #expect(!pieces.contains { $0.contains("\u{fffd}") })
    }
  }

  @Test("an emoji waits for its last byte")
  func emoji() {
    let tokens = Array("😀".utf8).flatMap { tokenizer.encode(bytes: [$0]) }
    #expect(stream(tokens) == ["", "", "", "😀", ""])
    #expect(stream(Array(tokens.prefix(3))) == ["", "", "", "\u{fffd}"])
    #expect(stream(Array(tokens.prefix(2)) + tokenizer.encode("a")).joined() == "\u{fffd}a")
  }

  @Test("random bytes decode to the same text as at once")
  func randomBytes() {
    var random = Philox(seed: 13, stream: "stream")
    // Lead and continuation bytes more often than chance has it.
    let interesting: [UInt8] = [
      0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5,
    ]
    for _ in 0..<1000 {
      let bytes = (0..<random.next(below: 24)).map { _ in interesting[random.next(below: interesting.count)] }
      let tokens = bytes.flatMap { tokenizer.encode(bytes: [$0]) }
      #expect(stream(tokens).joined() == tokenizer.decode(tokens))
    }
  }
}
