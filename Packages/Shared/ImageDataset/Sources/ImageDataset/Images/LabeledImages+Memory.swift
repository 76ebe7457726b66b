extension LabeledImages {
  /// Images from memory.
  ///
  /// - Parameters:
  ///   - name: The data set.
  ///   - split: `train` or `test`.
  ///   - width: Pixels per row.
  ///   - height: Rows per image.
  ///   - channels: 3 (RGB) or 1 (grey).
  ///   - classes: The names of the classes.
  ///   - labels: A class number per image.
  ///   - pixels: `[labels.count, height, width, channels]`.
  ///   - normalization: The statistics of the training split; computed from `pixels` when absent.
  ///   - origin: Whether the images were recorded or made by a program.
  ///   - license: The licence in words.
  ///   - source: Where the images come from.
  /// - Throws: ``DatasetError`` when the number of bytes or a label does not fit.
  public init(
    name: String, split: String = "train", width: Int, height: Int, channels: Int = 3, classes: [String],
    labels: [Int], pixels: [UInt8], normalization: Normalization? = nil, origin: ImageOrigin = .real,
    license: String = "", source: String = ""
  ) throws(DatasetError) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "images need a size and 1 or 3 channels")
    guard pixels.count == labels.count * width * height * channels else {
      throw .wrongSize(
        file: "\(name) \(split)", expected: "\(labels.count * width * height * channels)", found: pixels.count)
    }
    try Labels.check(labels, classes: classes.count, file: "\(name) \(split)")
    let storage = PixelStorage(pixels)
    let statistics = normalization ?? PixelStatistics.normalization(of: storage, channels: channels)
    let info = DatasetInfo(
      name: name, classes: classes, width: width, height: height, channels: channels, mean: statistics.mean,
      std: statistics.std, origin: origin, license: license, source: source)
    self.init(info, split: split, labels: labels, storage: storage)
  }
}
