/// The metadata of a model file: keys with values, in the order of the file.
public struct ModelMetadata: Sendable, Hashable {
  /// The keys in order.
  public private(set) var keys: [String] = []
  private var values: [String: MetadataValue] = [:]

  /// Metadata without entries.
  public init() {}

  /// The value for a key. Setting a new key appends it; setting `nil` removes the key.
  public subscript(key: String) -> MetadataValue? {
    get { values[key] }
    set {
      if let newValue {
        if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
      } else if values.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
      }
    }
  }

  /// How many entries there are.
  public var count: Int { keys.count }
}
