import Foundation
import JSONC

extension ModelFile {
  /// Whether the model brings a tokenizer along.
  public var hasTokenizer: Bool {
    switch source {
    case .gguf(let file): file.metadata["tokenizer.ggml.model"] != nil
    case .safetensors(let folder):
      FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("tokenizer.json").path)
    }
  }

  /// Builds the model's tokenizer; takes some tens of milliseconds.
  ///
  /// - Throws: ``TokenizerError``: none there, damaged, or of a kind that this package does not have.
  public func tokenizer() throws(TokenizerError) -> Tokenizer {
    switch source {
    case .gguf(let file): try Tokenizer(TokenizerDefinition(file.metadata, path: file.url.path))
    case .safetensors(let folder): try Tokenizer(TokenizerDefinition(folder: folder.url))
    }
  }

  /// The template text that the model brings along, if any.
  public var chatTemplateText: String? {
    switch source {
    case .gguf(let file): return file.metadata["tokenizer.chat_template"]?.stringValue
    case .safetensors(let folder):
      if let text = try? String(contentsOf: folder.url.appendingPathComponent("chat_template.jinja"), encoding: .utf8) {
        return text
      }
      let settings = try? SafetensorsFolder.parse(folder.url.appendingPathComponent("tokenizer_config.json"))
      return settings?["chat_template"]?.stringValue
    }
  }

  /// The chat format of the model, recognised from its template text.
  ///
  /// - Throws: ``ChatTemplateError`` if the model has no template, or one that is not known.
  public func chatTemplate() throws(ChatTemplateError) -> ChatTemplate {
    guard let text = chatTemplateText else { throw ChatTemplateError.missing(model: url.path) }
    return try ChatTemplate(recognizing: text)
  }
}
