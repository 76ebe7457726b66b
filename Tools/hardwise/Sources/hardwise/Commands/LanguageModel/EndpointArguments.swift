import ArgumentParser
import ChatEndpoint
import Foundation
import LanguageModel

/// A server or a recording in place of the local model, and where to record.
struct EndpointArguments: ParsableArguments {
  @Option(help: ArgumentHelp("An OpenAI-compatible server, such as http://localhost:8080.", valueName: "url"))
  var endpoint: String?

  @Option(help: ArgumentHelp("The model's name on the server.", valueName: "name"))
  var endpointModel = "default"

  @Option(help: ArgumentHelp("Environment variable that holds the server's key.", valueName: "variable"))
  var keyVariable: String?

  @Option(help: ArgumentHelp("Append every request and its answer to this file of JSON lines.", valueName: "file"))
  var record: String?

  @Option(help: ArgumentHelp("Answer from a recording, without any model.", valueName: "file"))
  var replay: String?

  func validate() throws {
    guard endpoint == nil || replay == nil else {
      throw ValidationError("--endpoint and --replay exclude each other; give one of them")
    }
    guard record == nil || replay == nil else {
      throw ValidationError("--record has nothing new to record in a --replay")
    }
  }

  /// The model that was asked for; `local` makes the local one.
  func model(local: () throws -> LocalChatModel) throws -> any ChatModel {
    let model: any ChatModel
    if let replay {
      return try ReplayedModel(contentsOf: URL(fileURLWithPath: replay))
    } else if let endpoint {
      model = try ChatEndpoint(url: endpoint, model: endpointModel, key: try Self.key(keyVariable))
    } else {
      model = try local()
    }
    guard let record else { return model }
    return try Self.recording(model, to: URL(fileURLWithPath: record))
  }

  private static func recording(_ model: some ChatModel, to url: URL) throws -> any ChatModel {
    try RecordingModel(model, to: url)
  }

  /// The key that an environment variable holds.
  static func key(_ keyVariable: String?) throws -> String? {
    guard let keyVariable else { return nil }
    guard let key = ProcessInfo.processInfo.environment[keyVariable], !key.isEmpty else {
      throw ValidationError("the environment variable \(keyVariable) is not set; set it, or leave out --key-variable")
    }
    return key
  }
}
