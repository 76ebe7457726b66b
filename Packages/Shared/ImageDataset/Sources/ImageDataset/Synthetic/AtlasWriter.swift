import FileKit
import Foundation
import JSONC

/// Writes data sets as atlases: tall PNG files and a `manifest.json` that ``DatasetReader`` opens.
public enum AtlasWriter {
  /// Writes both splits into `folder`; the manifest comes last, so that an interrupted run leaves no data set behind.
  ///
  /// - Parameters:
  ///   - splits: The data set.
  ///   - folder: Created when needed.
  ///   - imagesPerFile: How many images a PNG file holds; less when it would be higher than 65 536 rows.
  ///   - compressionLevel: From 0 (fast) to 9 (small).
  public static func write(
    _ splits: DatasetSplits, to folder: URL, imagesPerFile: Int = 1000, compressionLevel: Int = 6
  ) throws(DatasetError) {
    let train = splits.train
    var manifest = AtlasManifest(
      name: splits.name, version: 1, license: train.license, source: train.source, origin: train.origin,
      classes: train.classes, image: .init(width: train.width, height: train.height, channels: train.channels),
      mean: train.mean, std: train.std, splits: [:])
    let perFile = max(1, min(imagesPerFile, PNGOptions.atlas.maximumHeight / train.height))
    for images in [splits.train, splits.test] {
      manifest.splits[images.split] = try write(
        images, to: folder, imagesPerFile: perFile, compressionLevel: compressionLevel)
    }
    do {
      try AtomicFile.write(JSON.encode(manifest), to: folder.appendingPathComponent("manifest.json"))
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .malformed(file: folder.path, reason: "\(error)")
    }
  }

  private static func write(
    _ images: LabeledImages, to folder: URL, imagesPerFile: Int, compressionLevel: Int
  ) throws(DatasetError) -> AtlasManifest.Split {
    let starts = Array(stride(from: 0, to: images.count, by: imagesPerFile))
    let digits = "\(starts.count - 1)".count
    var shards: [AtlasManifest.Shard] = []
    for (number, start) in starts.enumerated() {
      let part = images.subset(Array(start..<min(start + imagesPerFile, images.count)))
      let padded = String(repeating: "0", count: max(2, digits) - "\(number)".count) + "\(number)"
      let name = "\(images.split)-\(padded).png"
      let data = try encode(part, compressionLevel: compressionLevel)
      do throws(FileError) {
        try AtomicFile.write(data, to: folder.appendingPathComponent(name))
      } catch {
        throw .file(error)
      }
      shards.append(
        .init(file: name, count: part.count, sha256: SHA256.hexDigest(of: data), labels: .numbers(part.labels)))
    }
    return AtlasManifest.Split(count: images.count, pixelsSHA256: images.sha256, shards: shards)
  }

  private static func encode(_ images: LabeledImages, compressionLevel: Int) throws(DatasetError) -> Data {
    let pixels = images.withPixels { Array($0) }
    do throws(PNGError) {
      return try PNGEncoder.encode(
        pixels, width: images.width, height: images.height * images.count, channels: images.channels,
        compressionLevel: compressionLevel)
    } catch {
      throw .png(error)
    }
  }
}
