extension JSONError {
  /// The same problem with its path in the notation of this package.
  init(_ error: DecodingError) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      self.init(context.debugDescription, at: .path(context.codingPath.jsonPath))
    case .keyNotFound(let key, let context):
      self.init("the member \"\(key.stringValue)\" is missing", at: .path(context.codingPath.jsonPath))
    @unknown default:
      self.init("\(error)", at: .path(""))
    }
  }

  /// The same problem with its path in the notation of this package.
  init(_ error: EncodingError) {
    switch error {
    case .invalidValue(_, let context):
      self.init(context.debugDescription, at: .path(context.codingPath.jsonPath))
    @unknown default:
      self.init("\(error)", at: .path(""))
    }
  }
}
