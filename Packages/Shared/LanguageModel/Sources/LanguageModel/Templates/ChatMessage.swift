/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable, Codable {
  /// Who speaks.
  public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// The instructions to the model.
    case system
    /// The person.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  public var role: Role
  /// What is said.
  public var content: String

  /// Creates a message.
  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }

  /// Instructions to the model.
  public static func system(_ content: String) -> ChatMessage { ChatMessage(.system, content) }
  /// What the person says.
  public static func user(_ content: String) -> ChatMessage { ChatMessage(.user, content) }
  /// What the model says.
  public static func assistant(_ content: String) -> ChatMessage { ChatMessage(.assistant, content) }
}
