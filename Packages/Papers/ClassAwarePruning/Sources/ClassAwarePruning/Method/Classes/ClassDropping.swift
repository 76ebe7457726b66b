import ImageDataset
import VisionModels

extension Network {
  /// The network with only some of its classes: the rows of the head that compute the others are removed.
  ///
  /// The logits of the kept classes are exactly what they were. What served only the dropped classes can then be pruned with
  /// ``ClassScores/restricted(to:)``.
  /// - Parameters:
  ///   - kept: indices of the classes to keep, ascending, at least two.
  ///   - names: names of all classes, written into the metadata as `classes` for those that stay.
  /// - Throws: ``PruneError/badLabels(_:)``, ``PruneError/unsupportedNode(_:kind:)``.
  public func keepingClasses(_ kept: [Int], names: [String]? = nil) throws(PruneError) -> Network {
    guard kept.count >= 2, kept == Array(Set(kept)).sorted(), kept.allSatisfy({ (0..<classes).contains($0) }) else {
      throw .badLabels("keep at least two different classes out of 0 to \(classes - 1) in ascending order, got \(kept)")
    }
    if let names, names.count != classes {
      throw .badLabels("\(names.count) class names for \(classes) outputs")
    }
    let units = try ChannelUnits(self)
    let logits = units.outputUnits[nodes.count - 1].map { Int($0) }
    guard Set(logits).count == classes, logits.allSatisfy({ !units.producers[$0].isEmpty }) else {
      throw .unsupportedNode(outputName, kind: "output whose classes are not rows of a layer of their own")
    }
    var keep = [Bool](repeating: true, count: units.count)
    for label in 0..<classes where !kept.contains(label) { keep[logits[label]] = false }
    var result = try rebuilt(units, keep: keep)
    if let names { result.metadata["classes"] = kept.map { names[$0] }.joined(separator: ",") }
    return result
  }
}

extension LabeledImages {
  /// The images of some classes, with labels counted anew from 0.
  /// - Parameter kept: indices of the classes to keep, ascending.
  /// - Throws: ``PruneError/badLabels(_:)`` for an index out of range.
  public func keepingClasses(_ kept: [Int]) throws(PruneError) -> LabeledImages {
    guard kept.allSatisfy({ classes.indices.contains($0) }) else {
      throw .badLabels("\(name) has the classes 0 to \(classes.count - 1), got \(kept)")
    }
    let newLabel = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let chosen = labels.indices.filter { newLabel[self.labels[$0]] != nil }
    let pixels = chosen.flatMap { self.pixels(of: $0) }
    do {
      return try LabeledImages(
        name: name, split: split, width: width, height: height, channels: channels, classes: kept.map { classes[$0] },
        labels: chosen.compactMap { newLabel[labels[$0]] }, pixels: pixels, normalization: normalization,
        origin: origin, license: license, source: source)
    } catch {
      throw .badLabels("\(error)")
    }
  }
}
