import Foundation
import JSONC
import Testing

/// `hardwise lm` on the embedded model: nothing is fetched, everything is exact.
@Suite("Language model commands")
struct LanguageCommandTests {
  /// A folder for one test.
  private final class Scratch {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-lm-" + UUID().uuidString)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private func json(_ arguments: [String], input: String? = nil) throws -> JSONValue {
    let result = try Command.hardwise(arguments + ["--json"], input: input)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return try JSON.parse(result.output)
  }

  @Test("info tells the shape of the model")
  func info() throws {
    let value = try json(["lm", "info", "tiny", "--tensors", "--metadata"])
    #expect(value["config"]?["layers"]?.intValue == 4)
    #expect(value["tensors"]?.arrayValue?.count == 38)
    #expect(value["chatFormat"] == "chatml")
    #expect(try Command.hardwise(["lm", "info", "tiny"]).output.contains("Q8_0"))
  }

  @Test("tokens come back as the text")
  func tokenize() throws {
    let text = "Grüße 😀 42 <|im_end|>"
    let value = try json(["lm", "tokenize", "-", "--model", "tiny"], input: text)
    let tokens = try #require(value["tokens"]?.arrayValue).compactMap(\.intValue)
    #expect(value["text"]?.stringValue == text && value["count"]?.intValue == tokens.count)
    let back = try Command.hardwise(
      ["lm", "tokenize", tokens.map(String.init).joined(separator: ","), "--model", "tiny", "--decode"])
    #expect(back.output == text + "\n")
    #expect(try Command.hardwise(["lm", "tokenize", "99999", "--model", "tiny", "--decode"]).status == 2)
  }

  @Test("generation is reproducible, bound by what it is told, and says what it took")
  func generate() throws {
    let arguments = ["lm", "generate", "A cache keeps", "--model", "tiny", "--max-tokens", "12", "--temperature", "0"]
    let value = try json(arguments)
    let text = try #require(value["text"]?.stringValue)
    #expect(text.hasPrefix(" copies of recent data"))
    #expect(value["generatedTokens"]?.intValue == 12 && value["finishReason"] == "length")
    #expect(try Command.hardwise(arguments).output == text + "\n")
    let bound = try json([
      "lm", "generate", "3 + 4 =", "--model", "tiny", "--regex", " [0-9]{2} apples", "--temperature", "0",
    ])
    #expect(bound["text"]?.stringValue?.wholeMatch(of: /\ [0-9]{2} apples/) != nil)
    #expect(bound["finishReason"] == "constraintComplete")
    let chosen = try json([
      "lm", "generate", "A cache keeps", "--model", "tiny", "--choice", " copies of", "--choice", " the moon",
      "--temperature", "0",
    ])
    #expect(chosen["text"] == " copies of")
  }

  @Test("without --model the tool says which model it uses")
  func fallback() throws {
    let scratch = try Scratch()
    let environment = ["HOME": scratch.url.path, "HARDWISE_CACHE": scratch.url.path, "HARDWISE_DATA": ""]
    let result = try Command.hardwise(
      ["lm", "generate", "A cache", "--max-tokens", "3"], in: scratch.url, environment: environment)
    #expect(result.status == 0)
    #expect(result.errors.contains("make model") && result.errors.contains("tiny-llama"))
    let absent = try Command.hardwise(
      ["lm", "generate", "A", "--model", "smollm2"], in: scratch.url, environment: environment)
    #expect(absent.status == 3 && absent.errors.contains("make model"))
  }

  @Test("what is true scores higher")
  func score() throws {
    let value = try json([
      "lm", "score", "What does a cache do?", "A cache keeps copies of recent data", "A cache mixes two beams of light",
      "--chat", "--model", "tiny",
    ])
    let scores = try #require(value.arrayValue).compactMap { $0["logLikelihood"]?.doubleValue }
    #expect(scores.count == 2 && scores[0] > scores[1])
  }

  @Test("perplexity over windows")
  func perplexity() throws {
    let text =
      "A cache keeps copies of recent data close to the core. 3 + 4 = 7. A clock says when the next cycle begins."
    let value = try json(["lm", "perplexity", "--text", "-", "--window", "16", "--model", "tiny"], input: text)
    let found = try #require(value["perplexity"]?.doubleValue)
    #expect(found > 1 && found < 20)
    #expect(
      try Command.hardwise(["lm", "perplexity", "--text", "-", "--window", "4096", "--model", "tiny"], input: text)
        .status
        == 2)
  }

  @Test("a quantised file opens and is smaller")
  func quantize() throws {
    let scratch = try Scratch()
    let path = scratch.url.appendingPathComponent("small.gguf").path
    let value = try json(["lm", "quantize", "--model", "tiny", "--type", "q4_0", "--out", path])
    #expect(try #require(value["bytes"]?.intValue) < 700_000)
    #expect(try json(["lm", "info", path])["parameters"] == value["parameters"])
    #expect(try Command.hardwise(["lm", "quantize", "--model", "tiny", "--type", "q9", "--out", path]).status == 2)
  }

  @Test("a talk through a pipe: messages, fences, commands, save and load, one failure does not end it")
  func chat() throws {
    let scratch = try Scratch()
    let file = scratch.url.appendingPathComponent("talk.json").path
    let chat = ["lm", "chat", "--model", "tiny", "--temperature", "0", "--json"]
    let talk = try Command.hardwise(
      chat,
      input:
        "What is pruning?\n\"\"\"\nCount from\n2 to 5.\n\"\"\"\n\n/save \(file)\n/help\n/reset\n//what\n/quit\nnever\n")
    #expect(talk.status == 0, "\(talk.errors)")
    let turns = try talk.output.split(separator: "\n").map { try JSON.parse(String($0)) }
    #expect(turns.map { $0["user"]?.stringValue } == ["What is pruning?", "Count from\n2 to 5.", "/what"])
    #expect(turns.first?["assistant"] == "Pruning removes weights that matter little.")
    #expect(talk.errors.contains("saved 4 messages") && talk.errors.contains("Ctrl-D"))

    let later = try Command.hardwise(chat, input: "/load \(file)\nWho are you?\n")
    let turn = try JSON.parse(later.output)
    let prompt = try #require(turn["usage"]?["promptTokens"]?.intValue)
    #expect(prompt > 50, "the loaded turns are part of the prompt")

    let long = String(repeating: "3 + 4 = 7. ", count: 400)
    let failing = try Command.hardwise(chat, input: "\(long)\n/nonsense\nWhat is pruning?")
    #expect(failing.status == 2)
    #expect(failing.errors.contains("of 512") && failing.errors.contains("/nonsense"))
    #expect(failing.output.contains("removes weights"))
  }

  @Test("a recorded talk is replayed without a model, and a new question is refused")
  func record() throws {
    let scratch = try Scratch()
    let file = scratch.url.appendingPathComponent("calls.jsonl").path
    let options = ["--temperature", "0", "--json"]
    let first = try Command.hardwise(
      ["lm", "chat", "--model", "tiny", "--record", file] + options, input: "What is fusion?\n")
    let again = try Command.hardwise(["lm", "chat", "--replay", file] + options, input: "What is fusion?\n")
    #expect(again.output == first.output && !first.output.isEmpty)
    let other = try Command.hardwise(["lm", "chat", "--replay", file] + options, input: "What is tiling?\n")
    #expect(other.status == 2 && other.errors.contains("message 1 (user) differs"))
  }

  @Test("an endpoint that is none is refused")
  func endpoint() throws {
    let result = try Command.hardwise(["lm", "chat", "--endpoint", "host"], input: "Hi\n")
    #expect(result.status == 2 && result.errors.contains("http"))
  }

  @Test("training writes a model that opens")
  func train() throws {
    let scratch = try Scratch()
    let path = scratch.url.appendingPathComponent("new.gguf").path
    let value = try json(["lm", "train-tiny", "--out", path, "--steps", "2", "--batch", "1"])
    #expect(value["heldOutLoss"]?.doubleValue ?? .infinity < 7)
    #expect(try Command.hardwise(["lm", "info", path]).status == 0)
  }

  @Test("the bench has a row for what fits the context")
  func bench() throws {
    let value = try json(["lm", "bench", "--model", "tiny", "--rounds", "1", "--only", "decode at 32"])
    let rows = try #require(value["rows"]?.arrayValue)
    #expect(rows.count == 2)
    #expect(rows.allSatisfy { $0["tokensPerSecond"]?.doubleValue ?? 0 > 0 })
  }
}
