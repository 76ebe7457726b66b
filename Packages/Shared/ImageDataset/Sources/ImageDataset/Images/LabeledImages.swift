import FileKit
import Foundation

/// One split of a data set: 8-bit images of one size with their class numbers.
///
/// Pixels are interleaved (`[height, width, channels]` per image) and immutable; copies and subsets share them.
public struct LabeledImages: Sendable {
  /// The data set, for example `cifar10`.
  public let name: String
  /// The split, `train` or `test`.
  public let split: String
  /// Pixels per row.
  public let width: Int
  /// Rows per image.
  public let height: Int
  /// 3 (RGB) or 1 (grey).
  public let channels: Int
  /// The names of the classes in the order of their numbers.
  public let classes: [String]
  /// The class number of every image.
  public let labels: [Int]
  /// The mean of every channel over the *training* split, in 0…1.
  public let mean: [Float]
  /// The standard deviation of every channel over the *training* split, in 0…1.
  public let std: [Float]
  /// Whether the images were recorded or made by a program.
  public let origin: ImageOrigin
  /// The licence in words.
  public let license: String
  /// Where the data set comes from.
  public let source: String

  let storage: PixelStorage
  /// Where the images lie in the storage, in images; `nil` when they lie there in order from the beginning.
  let positions: [Int]?
  private let knownSHA256: String?

  init(
    _ info: DatasetInfo, split: String, labels: [Int], storage: PixelStorage, positions: [Int]? = nil,
    sha256: String? = nil
  ) {
    name = info.name
    self.split = split
    width = info.width
    height = info.height
    channels = info.channels
    classes = info.classes
    self.labels = labels
    mean = info.mean
    std = info.std
    origin = info.origin
    license = info.license
    source = info.source
    self.storage = storage
    self.positions = positions
    knownSHA256 = sha256
  }

  /// How many images there are.
  public var count: Int { labels.count }
  /// Bytes per image.
  public var bytesPerImage: Int { width * height * channels }
  /// The mean and standard deviation of the training split.
  public var normalization: Normalization { Normalization(mean: mean, std: std) }

  /// The SHA-256 over the raw pixels of all images in order. Known for whole splits; computed on demand for others.
  public var sha256: String {
    if let knownSHA256 { return knownSHA256 }
    var hash = SHA256()
    for index in 0..<count { withImage(index) { hash.update(UnsafeRawBufferPointer($0)) } }
    return hash.hexDigest()
  }

  /// Calls `body` with the pixels of image `index`, `[height, width, channels]`.
  public func withImage<Result>(
    _ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    precondition(labels.indices.contains(index), "image \(index) of \(count)")
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: pointer(to: index), count: bytesPerImage))
  }

  /// Calls `body` with the pixels of all images, `[count, height, width, channels]`; a subset is copied together first.
  public func withPixels<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    let whole = positions == nil ? storage : gathered()
    defer { withExtendedLifetime(whole) {} }
    return try body(UnsafeBufferPointer(start: whole.base, count: count * bytesPerImage))
  }

  /// The pixels of image `index` as an array, `[height, width, channels]`.
  public func pixels(of index: Int) -> [UInt8] { withImage(index) { Array($0) } }

  /// The indices of the images of one class, ascending.
  public func indices(ofClass label: Int) -> [Int] { labels.indices.filter { labels[$0] == label } }

  /// How many images each class has.
  public var classCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classes.count)) { $0[$1] += 1 }
  }

  func pointer(to index: Int) -> UnsafePointer<UInt8> {
    storage.base + (positions?[index] ?? index) * bytesPerImage
  }

  var info: DatasetInfo {
    DatasetInfo(
      name: name, classes: classes, width: width, height: height, channels: channels, mean: mean, std: std,
      origin: origin, license: license, source: source)
  }

  private func gathered() -> PixelStorage {
    let size = bytesPerImage
    return PixelStorage(count: count * size) { bytes in
      for index in 0..<count {
        _ = bytes[(index * size)..<((index + 1) * size)].update(
          fromContentsOf: UnsafeBufferPointer(start: pointer(to: index), count: size))
      }
    }
  }
}
