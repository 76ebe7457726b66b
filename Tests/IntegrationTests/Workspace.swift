import Foundation
import JSONC

/// The checkout that the tests belong to, and its manifests.
enum Workspace {
  /// The folder of the umbrella `Package.swift`.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The folders of the packages, `Packages/Shared/*` and `Packages/Papers/*`.
  static func packages() throws -> [URL] {
    try ["Packages/Shared", "Packages/Papers"].flatMap { floor in
      try FileManager.default.contentsOfDirectory(
        at: root.appendingPathComponent(floor), includingPropertiesForKeys: nil)
    }
    .filter { FileManager.default.fileExists(atPath: $0.appendingPathComponent("Package.swift").path) }
    .sorted { $0.path < $1.path }
  }

  /// The Swift sources below `folder`, build folders left out.
  static func sources(below folder: URL) -> [URL] {
    let walker = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
    return (walker?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
  }
}

/// What `swift package dump-package` says of a manifest, as far as the tests need it.
struct Manifest: Decodable {
  struct Target: Decodable {
    let name: String
    let type: String
    let dependencies: [JSONDependency]
    let pkgConfig: String?
  }

  /// `{"byName": ["TinyTensor", null]}` or `{"product": ["FileKit", "FileKit", null, null]}`.
  struct JSONDependency: Decodable {
    let name: String

    private enum Keys: String, CodingKey { case byName, product, target }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      for key in [Keys.byName, .product, .target] where container.contains(key) {
        var parts = try container.nestedUnkeyedContainer(forKey: key)
        name = try parts.decode(String.self)
        return
      }
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "unknown kind of dependency"))
    }
  }

  let targets: [Target]

  /// Reads the manifest in `folder` through the package manager.
  static func read(in folder: URL) throws -> Manifest {
    // A build folder of its own: the test run itself holds the lock of the usual one.
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-scratch-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let result = try Command.run(
      "/usr/bin/env", ["swift", "package", "--scratch-path", scratch.path, "dump-package"], in: folder)
    return try JSON.decode(Manifest.self, from: Data(result.output.utf8))
  }

  /// Target name → sorted names of what it depends on.
  var dependencies: [String: [String]] {
    Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.dependencies.map(\.name).sorted()) })
  }
}
