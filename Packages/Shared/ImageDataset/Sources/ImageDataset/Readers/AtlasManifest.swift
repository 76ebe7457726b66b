import Foundation
import JSONC

/// `manifest.json` of an atlas data set: what it is, and for each split the tall PNG files with their labels.
public struct AtlasManifest: Codable, Sendable {
  /// The size of every image.
  public struct ImageSize: Codable, Sendable, Hashable {
    /// Pixels per row.
    public var width: Int
    /// Rows.
    public var height: Int
    /// 3 (RGB) or 1 (grey).
    public var channels: Int
  }

  /// The labels of one shard.
  public enum Labels: Sendable, Hashable {
    /// Class numbers in the manifest itself.
    case numbers([Int])
    /// A string: one digit per image, or else the name of a file beside the manifest.
    case text(String)
  }

  /// One PNG file: image *i* is rows *height·i* … *height·i + height − 1*.
  public struct Shard: Codable, Sendable {
    /// The name of the file, relative to the manifest.
    public var file: String
    /// How many images it holds.
    public var count: Int
    /// The SHA-256 of the file.
    public var sha256: String?
    /// A class number per image.
    public var labels: Labels
  }

  /// One split.
  public struct Split: Codable, Sendable {
    /// How many images all shards hold together.
    public var count: Int
    /// The SHA-256 over the raw pixels of all images in order.
    public var pixelsSHA256: String?
    /// The files in order.
    public var shards: [Shard]
  }

  /// The data set, for example `cifar10`.
  public var name: String
  /// The version of this format: 1.
  public var version: Int
  /// The licence in words.
  public var license: String
  /// Where the data set comes from.
  public var source: String
  /// Whether the images are real; absent means real.
  public var origin: ImageOrigin?
  /// The names of the classes in the order of their numbers.
  public var classes: [String]
  /// The size of every image.
  public var image: ImageSize
  /// The mean of every channel over the training split, in 0…1.
  public var mean: [Float]?
  /// The standard deviation of every channel over the training split, in 0…1.
  public var std: [Float]?
  /// `train` and `test`.
  public var splits: [String: Split]
}

extension AtlasManifest.Labels: Codable {
  /// Reads an array of numbers or a string.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .numbers(try container.decode([Int].self))
    }
  }

  /// Writes an array of numbers or a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .numbers(let numbers): try container.encode(numbers)
    case .text(let text): try container.encode(text)
    }
  }
}
