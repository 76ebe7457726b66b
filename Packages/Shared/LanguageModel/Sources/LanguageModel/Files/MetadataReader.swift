/// Reads typed values out of a GGUF file's metadata; a missing key or a wrong type is an error that names the key.
struct MetadataReader {
  private let metadata: ModelMetadata
  private let path: String

  init(_ file: GGUFFile) {
    metadata = file.metadata
    path = file.url.path
  }

  func string(_ key: String) throws(ModelFileError) -> String {
    guard let text = try present(key).stringValue else { throw wrongType(key, "a text") }
    return text
  }

  func integer(_ key: String) throws(ModelFileError) -> Int {
    guard let value = try present(key).intValue else { throw wrongType(key, "an integer") }
    return value
  }

  func integerIfPresent(_ key: String) throws(ModelFileError) -> Int? {
    metadata[key] == nil ? nil : try integer(key)
  }

  func number(_ key: String) throws(ModelFileError) -> Double {
    guard let value = try present(key).doubleValue else { throw wrongType(key, "a number") }
    return value
  }

  func numberIfPresent(_ key: String) throws(ModelFileError) -> Double? {
    metadata[key] == nil ? nil : try number(key)
  }

  func error(
    _ kind: ModelFileError.Kind, _ key: String, _ problem: String, remedy: String = ""
  ) -> ModelFileError {
    ModelFileError(kind, path: path, field: key, problem: problem, remedy: remedy)
  }

  private func present(_ key: String) throws(ModelFileError) -> MetadataValue {
    guard let value = metadata[key] else {
      throw error(
        .missing, key, "the metadata have no such key", remedy: "convert the model again with a current converter")
    }
    return value
  }

  private func wrongType(_ key: String, _ expected: String) -> ModelFileError {
    error(.invalidValue, key, "must be \(expected), got \(metadata[key].map { "\($0)" } ?? "nothing")")
  }
}
