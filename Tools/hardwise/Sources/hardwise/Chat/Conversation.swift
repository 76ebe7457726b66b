import FileKit
import Foundation
import JSONC
import LanguageModel

/// The conversation of `hardwise lm chat`, and its file format.
struct Conversation: Codable {
  private(set) var schemaVersion = 1
  /// The name of the model that answered.
  var model: String
  /// The turns so far.
  var messages: [ChatMessage]

  init(model: String, system: String?) {
    self.model = model
    messages = system.map { [.system($0)] } ?? []
  }

  /// Forgets everything but the system's message.
  mutating func reset() { messages.removeAll { $0.role != .system } }

  /// Writes the conversation as JSON.
  func save(to path: String) throws {
    try AtomicFile.write(try JSON.encode(self, style: .pretty), to: URL(fileURLWithPath: path))
  }

  /// Reads what ``save(to:)`` wrote.
  static func load(from path: String) throws -> Conversation {
    let found = try JSON.read(Conversation.self, from: URL(fileURLWithPath: path))
    guard found.schemaVersion == 1 else {
      throw ConversationError(path: path, problem: "schemaVersion is \(found.schemaVersion), this program reads 1")
    }
    return found
  }
}

/// A saved conversation that cannot be used.
struct ConversationError: Error, CustomStringConvertible {
  let path: String
  let problem: String

  var description: String { "\(path): \(problem); save the conversation again with /save" }
}
