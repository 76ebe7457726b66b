import Foundation

/// The model that ships inside this package: a Llama of 0.8 million weights that learned the world of ``TinyCorpus``.
///
/// Tests and the first run need no download with it. It answers what its grammar asks, such as "What does a cache do?"; its sums
/// are often wrong, and anything else only looks like language.
///
/// ```swift
/// let model = try LlamaModel(EmbeddedModel.file())
/// ```
public enum EmbeddedModel {
  /// The file's name.
  public static let fileName = "tiny-llama.Q8_0.gguf"

  /// Opens the model file.
  ///
  /// - Throws: ``ModelFileError`` if the package's resources are not where they were built.
  public static func file() throws(ModelFileError) -> ModelFile {
    guard
      let url = Bundle.module.url(forResource: "tiny-llama.Q8_0", withExtension: "gguf", subdirectory: "Resources")
    else {
      throw ModelFileError(
        .notFound, path: Bundle.module.bundlePath, field: fileName, problem: "the embedded model is missing",
        remedy: "keep the folder beside the program, or make the model with `hardwise lm train-tiny`")
    }
    return try ModelFile(contentsOf: url)
  }

  /// The shape of the model; the vocabulary is what ``BytePairTrainer`` made of the corpus.
  public static func config(vocabulary: Int) -> LlamaConfig {
    LlamaConfig(
      name: "Hardwise tiny Llama", layers: 4, width: 128, heads: 4, kvHeads: 2, feedForward: 352,
      vocabulary: vocabulary, context: 512)
  }

  /// The control tokens, in the order of their ids.
  static let controlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

  /// The chat format, as model files carry it.
  static let chatTemplate = """
    {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n'}}\
    {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """
}
