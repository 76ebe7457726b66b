import FileKit
import Foundation

/// Opens data sets of every known format.
///
/// Formats that are slow to decode leave their pixels in a ``DecodedCache``, so that the second time takes milliseconds.
public enum DatasetReader {
  /// Opens the data set at `url`, whatever its format: a folder, or the `manifest.json` of an atlas.
  public static func open(_ url: URL, cache: DecodedCache = .standard) throws(DatasetError) -> DatasetSplits {
    guard DatasetFiles.exists(url) else {
      throw .file(FileError(path: url.path, problem: "does not exist", remedy: "check the path"))
    }
    guard DatasetFiles.isFolder(url) else { return try atlas(url, cache: cache) }
    switch DatasetFormat(recognising: url) {
    case .atlas: return try atlas(url, cache: cache)
    case .digits: return try digits(url)
    case .cifar10Binary: return try cifar10Binary(url)
    case .cifar100Binary: return try cifar100Binary(url)
    case .idx: return try idx(url)
    case .pngFolder: return try pngFolder(url, cache: cache)
    case nil: break
    }
    // What the published archives unpack to.
    for name in ["cifar-10-batches-bin", "cifar-100-binary"]
    where DatasetFiles.isFolder(url.appendingPathComponent(name)) {
      return try open(url.appendingPathComponent(name), cache: cache)
    }
    throw .unknownFormat(path: url.path)
  }

  /// Opens an atlas data set by its folder or its `manifest.json`. The SHA-256 of every file is checked when it is decoded.
  public static func atlas(_ url: URL, cache: DecodedCache = .standard) throws(DatasetError) -> DatasetSplits {
    let manifestURL = DatasetFiles.isFolder(url) ? url.appendingPathComponent("manifest.json") : url
    let file = try DatasetFiles.map(manifestURL)
    let limit = 256 << 20
    guard file.count <= limit else {
      throw .tooLarge(file: manifestURL.path, what: "\(file.count) bytes of manifest", limit: limit)
    }
    let data = file.data(in: 0..<file.count)
    let folder = manifestURL.deletingLastPathComponent()
    return try cache.splits(key: SHA256.hexDigest(of: data), name: folder.lastPathComponent) {
      () throws(DatasetError) in
      let manifest = try AtlasManifest.read(data, from: manifestURL)
      let splits = try AtlasReader(folder: folder, manifestURL: manifestURL, manifest: manifest).read()
      return (splits, isCacheable: manifest.splits.values.allSatisfy { $0.shards.allSatisfy { $0.sha256 != nil } })
    }
  }

  /// Opens the binary batches of CIFAR-10: `data_batch_1.bin` … `data_batch_5.bin`, `test_batch.bin`.
  public static func cifar10Binary(_ folder: URL) throws(DatasetError) -> DatasetSplits {
    try CIFARReader(folder: folder, kind: .cifar10).read()
  }

  /// Opens the binary batches of CIFAR-100 with their fine labels: `train.bin`, `test.bin`.
  public static func cifar100Binary(_ folder: URL) throws(DatasetError) -> DatasetSplits {
    try CIFARReader(folder: folder, kind: .cifar100).read()
  }

  /// Opens a folder `train/<class>/*.png`, `test/<class>/*.png`; all images need one size.
  public static func pngFolder(_ folder: URL, cache: DecodedCache = .standard) throws(DatasetError) -> DatasetSplits {
    let reader = FolderReader(folder: folder)
    let key = try reader.fingerprint()
    return try cache.splits(key: key, name: folder.lastPathComponent) { () throws(DatasetError) in
      (try reader.read(), isCacheable: true)
    }
  }

  /// Opens MNIST, Fashion-MNIST and their relatives: four IDX files, packed with gzip or not. Images stay grey.
  ///
  /// - Parameters:
  ///   - folder: The folder of the four files.
  ///   - classes: The names of the classes; by default those of Fashion-MNIST when the path says so, else digits.
  public static func idx(_ folder: URL, classes: [String]? = nil) throws(DatasetError) -> DatasetSplits {
    try IDXReader(folder: folder, classes: classes).read()
  }

  /// Opens a folder with `digits.png` and `digits.labels`. Images stay 8 × 8 and grey.
  public static func digits(_ folder: URL) throws(DatasetError) -> DatasetSplits {
    try DigitsReader(folder: folder).read()
  }

  /// The 1797 real handwritten digits that this package carries (CC BY 4.0): the default where no data set is installed.
  public static func embeddedDigits() throws(DatasetError) -> DatasetSplits {
    // Where a copied folder of resources ends up differs between the platforms' bundle layouts.
    let bundle = Bundle.module
    let places = [bundle.resourceURL, bundle.bundleURL].compactMap { $0 }.flatMap {
      [$0, $0.appendingPathComponent("Resources")]
    }
    guard let folder = places.first(where: { DatasetFormat(recognising: $0) == .digits }) else {
      throw .missing(
        path: bundle.bundlePath, what: "the resource \(DigitsReader.imageFile) of the package ImageDataset")
    }
    return try digits(folder)
  }
}
