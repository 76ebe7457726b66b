import Foundation
import JSONC
import Testing

/// The JSON files beside the tests.
enum TestResource {
  static func url(_ name: String) throws -> URL {
    let parts = name.split(separator: ".")
    let found = Bundle.module.url(
      forResource: String(parts[0]), withExtension: String(parts[1]), subdirectory: "Resources")
    return try #require(found)
  }

  static func json(_ name: String) throws -> JSONValue { try JSON.parse(contentsOf: url(name)) }
}
