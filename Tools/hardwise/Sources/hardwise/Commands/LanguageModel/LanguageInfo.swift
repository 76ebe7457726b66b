import ArgumentParser
import LanguageModel
import ReproductionKit

/// `hardwise lm info`
struct LanguageInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Shape, weight formats, tokenizer and chat format of a model file.")

  @Argument(help: "A .gguf file, a safetensors folder, a catalogue name such as smollm2, or tiny.")
  var model: String?

  @Flag(help: "Also every tensor.")
  var tensors = false

  @Flag(help: "Also the metadata of a GGUF file.")
  var metadata = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    var source = ModelArguments()
    source.model = model
    let file = try source.file()
    let info = Info(file, listsTensors: tensors, listsMetadata: metadata)
    try output.emit(info, text: info.text)
  }

  private struct Info: Encodable {
    let path: String
    let format: String
    let config: LlamaConfig
    let parameters: Int
    let tensorBytes: Int
    let formats: [Format]
    let tokenizer: String?
    let chatFormat: String?
    let fingerprint: String
    let tensors: [TensorRow]?
    let metadata: [Entry]?

    struct Format: Encodable {
      let type: String
      var tensors, bytes: Int
    }

    struct TensorRow: Encodable {
      let name, type: String
      let shape: [Int]
      let bytes: Int
    }

    struct Entry: Encodable {
      let key, value: String
    }

    init(_ file: ModelFile, listsTensors: Bool, listsMetadata: Bool) {
      path = file.url.path
      format =
        switch file.format {
        case .gguf(let version): "GGUF version \(version)"
        case .safetensors: "safetensors"
        }
      config = file.config
      parameters = file.config.parameterCount
      tensorBytes = file.tensors.reduce(0) { $0 + $1.byteCount }
      var formats: [Format] = []
      for tensor in file.tensors {
        if let index = formats.firstIndex(where: { $0.type == tensor.type.name }) {
          formats[index].tensors += 1
          formats[index].bytes += tensor.byteCount
        } else {
          formats.append(Format(type: tensor.type.name, tensors: 1, bytes: tensor.byteCount))
        }
      }
      self.formats = formats.sorted { $0.bytes > $1.bytes }
      tokenizer = Self.describe {
        "\(try file.tokenizer().vocabularyCount) tokens, \(try file.tokenizer().preTokenizer.rawValue)"
      }
      chatFormat = Self.describe { try file.chatTemplate().kind.rawValue }
      fingerprint = file.fingerprint
      tensors =
        listsTensors
        ? file.tensors.map { TensorRow(name: $0.name, type: $0.type.name, shape: $0.shape, bytes: $0.byteCount) } : nil
      metadata =
        listsMetadata
        ? file.metadata.keys.map { Entry(key: $0, value: file.metadata[$0]?.description ?? "") } : nil
    }

    /// What a part of the file is, or why it cannot be used: information is wanted of broken files too.
    private static func describe(_ part: () throws -> String) -> String? {
      do {
        return try part()
      } catch {
        return "\(error)"
      }
    }

    var text: String {
      var lines = [
        "\(path)", "\(format), \(parameters) weights in \(tensorBytes) bytes",
        "\(config.architecture)\(config.name.isEmpty ? "" : " \"\(config.name)\""): \(config.layers) layers of width "
          + "\(config.width), \(config.heads) heads of \(config.headSize) reading \(config.kvHeads) key/value heads, "
          + "feed-forward \(config.feedForward)",
        "vocabulary \(config.vocabulary), context \(config.context), rotary base \(config.ropeBase) "
          + "(\(config.ropePairing.rawValue)), \(config.tiedEmbedding ? "tied" : "separate") head"
          + (config.qkvBias ? ", biases" : ""),
        "tokenizer: \(tokenizer ?? "none")", "chat format: \(chatFormat ?? "none")", "",
      ]
      var table = Table(
        title: "Weights", columns: [.text("format"), .number("tensors", decimals: 0), .number("bytes", decimals: 0)])
      for format in formats { table.append([.text(format.type), .integer(format.tensors), .integer(format.bytes)]) }
      lines.append(table.plainText(width: Terminal.width))
      if let tensors {
        var table = Table(
          title: "Tensors", columns: [.text("name"), .text("format"), .text("shape"), .number("bytes", decimals: 0)])
        for row in tensors {
          table.append([
            .text(row.name), .text(row.type), .text(row.shape.map(String.init).joined(separator: "×")),
            .integer(row.bytes),
          ])
        }
        lines.append(table.plainText(width: Terminal.width))
      }
      lines += metadata?.map { "\($0.key) = \($0.value)" } ?? []
      return lines.joined(separator: "\n")
    }
  }
}
