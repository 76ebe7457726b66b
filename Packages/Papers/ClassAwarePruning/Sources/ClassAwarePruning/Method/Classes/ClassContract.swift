/// What single classes are promised (section 10, feature 2): an accuracy floor, and that filters they need are kept.
public struct ClassContract: Sendable, Hashable, Codable {
  /// Lowest validation accuracy of a class, 0…1, by class name.
  public var floors: [String: Double]
  /// A filter is kept if it is important for at least this share of a contracted class's images.
  public var protectAbove: Float

  /// Creates a contract.
  public init(floors: [String: Double], protectAbove: Float = 0.95) {
    self.floors = floors
    self.protectAbove = protectAbove
  }

  /// Reads `cat=0.9` entries.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public init(parsing entries: [String], protectAbove: Float = 0.95) throws(PruneError) {
    var floors: [String: Double] = [:]
    for entry in entries {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let value = Double(parts[1]) else {
        throw .invalidOption("a class floor", value: entry, expected: "<class>=<accuracy 0…1>, as in cat=0.9")
      }
      floors[String(parts[0])] = value
    }
    self.init(floors: floors, protectAbove: protectAbove)
    try validate()
  }

  func validate() throws(PruneError) {
    for (name, floor) in floors.sorted(by: { $0.key < $1.key }) where !(floor >= 0 && floor <= 1) {
      throw .invalidOption("the floor of class \(name)", value: "\(floor)", expected: "an accuracy of 0 to 1")
    }
    guard protectAbove > 0 else {
      throw .invalidOption("protectAbove", value: "\(protectAbove)", expected: "more than 0")
    }
  }

  /// Units with a filter that a contracted class needs.
  /// - Throws: ``PruneError/badLabels(_:)`` for a class that was not scored.
  public func protectedUnits(_ scores: ClassScores, units: ChannelUnits) throws(PruneError) -> Set<Int> {
    var result: Set<Int> = []
    for name in floors.keys.sorted() {
      guard let label = scores.classNames.firstIndex(of: name) else {
        throw .badLabels(
          "the contract names class \(name); the classes are \(scores.classNames.joined(separator: ", "))")
      }
      for layer in scores.layers {
        let owners = try units.units(of: layer.name)
        for (filter, importance) in layer.perClass[label].enumerated() where importance >= protectAbove {
          result.insert(owners[filter])
        }
      }
    }
    return result
  }

  /// The first broken promise, in order of class names.
  func violation(_ accuracies: [Double], classes: [String]) -> StopReason? {
    for (name, floor) in floors.sorted(by: { $0.key < $1.key }) {
      guard let label = classes.firstIndex(of: name), accuracies.indices.contains(label) else { continue }
      if accuracies[label] < floor { return .classFloor(name: name, measured: accuracies[label], floor: floor) }
    }
    return nil
  }
}
