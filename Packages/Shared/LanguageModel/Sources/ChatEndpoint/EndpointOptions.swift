/// How a ``ChatEndpoint`` behaves.
public struct EndpointOptions: Sendable, Hashable {
  /// How long to wait for the next bytes, in seconds; the first ones may take the server a while.
  public var timeout: Double
  /// When to send a request again.
  public var retries: RetryPolicy
  /// Whether to ask for the number of tokens used; old servers refuse the question.
  public var asksForUsage: Bool

  /// Options.
  public init(timeout: Double = 60, retries: RetryPolicy = RetryPolicy(), asksForUsage: Bool = true) {
    self.timeout = timeout
    self.retries = retries
    self.asksForUsage = asksForUsage
  }
}
