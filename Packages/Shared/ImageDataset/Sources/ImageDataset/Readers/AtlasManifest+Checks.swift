import Foundation
import JSONC

extension AtlasManifest {
  /// The two splits in the order in which they are stored.
  static let splitNames = ["train", "test"]

  /// Reads and checks the manifest in `data`, which came from `url`.
  static func read(_ data: Data, from url: URL) throws(DatasetError) -> AtlasManifest {
    let manifest: AtlasManifest
    do {
      manifest = try JSON.decode(AtlasManifest.self, from: data)
    } catch let error as JSONError {
      throw .manifest(JSONError(error.reason, at: error.location, file: url.path))
    } catch {
      throw .malformed(file: url.path, reason: "\(error)")
    }
    if let problem = manifest.problem {
      throw .manifest(JSONError(problem.reason, at: .path(problem.path), file: url.path))
    }
    return manifest
  }

  /// The first thing in the manifest that makes no sense.
  private var problem: (path: String, reason: String)? {
    if version != 1 { return ("version", "expected 1, found \(version)") }
    if classes.isEmpty || classes.count > 65_536 {
      return ("classes", "expected 1 to 65536 classes, found \(classes.count)")
    }
    if Set(classes).count != classes.count { return ("classes", "a class appears twice") }
    for (path, side) in [("image.width", image.width), ("image.height", image.height)] where !(1...4096).contains(side)
    {
      return (path, "expected 1 to 4096, found \(side)")
    }
    if image.channels != 1 && image.channels != 3 {
      return ("image.channels", "expected 1 or 3, found \(image.channels)")
    }
    for (path, list) in [("mean", mean), ("std", std)] {
      if let list, list.count != image.channels {
        return (path, "expected one number per channel, found \(list.count)")
      }
    }
    if let std, let bad = std.first(where: { $0 <= 0 }) { return ("std", "expected positive numbers, found \(bad)") }
    if (mean == nil) != (std == nil) { return (mean == nil ? "mean" : "std", "mean and std come together") }
    for name in Self.splitNames {
      guard let split = splits[name] else { return ("splits", "the member \"\(name)\" is missing") }
      if let problem = problem(of: split, name: name) { return problem }
    }
    return nil
  }

  private func problem(of split: Split, name: String) -> (path: String, reason: String)? {
    let limit = PNGOptions.atlas.maximumHeight / image.height
    var total = 0
    for (index, shard) in split.shards.enumerated() {
      let path = "splits.\(name).shards[\(index)]"
      guard (1...limit).contains(shard.count) else {
        return ("\(path).count", "expected 1 to \(limit) images per file, found \(shard.count)")
      }
      let parts = shard.file.split(separator: "/", omittingEmptySubsequences: false)
      if shard.file.hasPrefix("/") || parts.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }) {
        return ("\(path).file", "expected a file beside the manifest, found \"\(shard.file)\"")
      }
      total += shard.count
    }
    if split.count != total {
      return ("splits.\(name).count", "expected \(total), the sum of the shards, found \(split.count)")
    }
    return nil
  }
}
