import Foundation

/// The formats that ``DatasetReader`` recognises.
public enum DatasetFormat: String, Sendable, Hashable, CaseIterable {
  /// `manifest.json` beside tall PNG files.
  case atlas
  /// `digits.png` and `digits.labels`.
  case digits
  /// `data_batch_1.bin` … and `test_batch.bin`.
  case cifar10Binary
  /// `train.bin` and `test.bin`.
  case cifar100Binary
  /// `train-images-idx3-ubyte[.gz]` and its relatives.
  case idx
  /// `train/<class>/*.png` and `test/<class>/*.png`.
  case pngFolder

  /// The format of the data set in a folder; `nil` when there is none.
  public init?(recognising folder: URL) {
    func has(_ name: String) -> Bool { DatasetFiles.exists(folder.appendingPathComponent(name)) }
    if has("manifest.json") {
      self = .atlas
    } else if has(DigitsReader.imageFile) {
      self = .digits
    } else if has("data_batch_1.bin") {
      self = .cifar10Binary
    } else if has("train.bin") {
      self = .cifar100Binary
    } else if IDXReader.find("train-images-idx3-ubyte", in: folder) != nil {
      self = .idx
    } else if DatasetFiles.isFolder(folder.appendingPathComponent("train")) {
      self = .pngFolder
    } else {
      return nil
    }
  }
}
