import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `--model`, which every command on a language model has.
struct ModelArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A .gguf file, a safetensors folder, a catalogue name such as smollm2, or tiny.", valueName: "model"))
  var model: String?

  /// Opens the model file; says on standard error which one when none was named.
  func file() throws -> ModelFile {
    guard let model else {
      let file = try Self.defaultFile()
      Terminal.remark("using \(file.url.lastPathComponent)")
      return file
    }
    return try Self.file(model)
  }

  /// The file behind a name or path.
  static func file(_ name: String) throws -> ModelFile {
    if name == "tiny" { return try EmbeddedModel.file() }
    return try ModelFile(contentsOf: DataCatalog().resolve(nameOrPath: name, kind: .model).url)
  }

  private static func defaultFile() throws -> ModelFile {
    if let url = ModelFile.defaultModelURL() { return try ModelFile(contentsOf: url) }
    if let resolved = try? DataCatalog().resolve("smollm2") { return try ModelFile(contentsOf: resolved.url) }
    Terminal.remark("SmolLM2 is not on this machine; `make model` brings it")
    return try EmbeddedModel.file()
  }
}

/// How a model computes, for commands that run one.
struct RuntimeArguments: ParsableArguments {
  @OptionGroup var source: ModelArguments

  @Option(help: ArgumentHelp("Longest context; by default what the model was trained for.", valueName: "tokens"))
  var context: Int?

  @Flag(help: "32-bit floats everywhere, the reference; several times slower.")
  var exact = false

  func validate() throws {
    if let context, context < 1 { throw ValidationError("--context is \(context); give a positive number") }
  }

  /// Opens the file and loads the model.
  func load() throws -> (file: ModelFile, model: LlamaModel) {
    let file = try source.file()
    return (file, try LlamaModel(file, options: ModelOptions(numerics: exact ? .exact : .fast, context: context)))
  }
}

/// `--template`, for commands that write conversations.
struct TemplateArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Chat format, where the model does not name it: chatml, llama3, mistral.", valueName: "name"))
  var template: String?

  func template(of file: ModelFile) throws -> ChatTemplate {
    try template.map { name throws(ChatTemplateError) in try ChatTemplate(named: name) } ?? file.chatTemplate()
  }
}
