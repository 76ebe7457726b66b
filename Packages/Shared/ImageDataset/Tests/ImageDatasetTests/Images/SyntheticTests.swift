import ImageDataset
import Testing

@Suite struct SyntheticTests {
  @Test func theSameSeedMakesTheSameImages() {
    let first = SyntheticImages.make(train: 60, test: 20, seed: 4)
    let second = SyntheticImages.make(train: 60, test: 20, seed: 4)
    let other = SyntheticImages.make(train: 60, test: 20, seed: 5)
    #expect(first.train.sha256 == second.train.sha256 && first.test.sha256 == second.test.sha256)
    #expect(first.train.sha256 != other.train.sha256 && first.train.labels == second.train.labels)
    #expect(first.train.origin == .synthetic && first.train.width == 32 && first.train.channels == 3)
    // More images leave the first ones as they are.
    let more = SyntheticImages.make(train: 80, test: 20, seed: 4)
    let label = first.train.labels[0]
    if more.train.labels[0] == label { #expect(more.train.pixels(of: 0) == first.train.pixels(of: 0)) }
  }

  @Test(arguments: [2, 10, 37, 100])
  func classes(count: Int) {
    let splits = SyntheticImages.make(train: count * 3, test: count, classes: count)
    #expect(Set(splits.train.classes).count == count)
    #expect(splits.train.classCounts == Array(repeating: 3, count: count))
  }

  /// The mean image of each class as a classifier: better than chance, far from enough; and worse when the images are harder.
  @Test func thereIsSomethingToLearn() {
    func accuracy(_ difficulty: Float) -> Double {
      let splits = SyntheticImages.make(train: 1000, test: 500, seed: 2, difficulty: difficulty)
      let size = splits.train.bytesPerImage
      var means = [[Float]](repeating: Array(repeating: 0, count: size), count: 10)
      for index in 0..<splits.train.count {
        let pixels = splits.train.pixels(of: index)
        for offset in 0..<size { means[splits.train.labels[index]][offset] += Float(pixels[offset]) / 100 }
      }
      let hits = (0..<splits.test.count).filter { index in
        let pixels = splits.test.pixels(of: index)
        let distances = means.map { mean in
          (0..<size).reduce(Float(0)) { $0 + (mean[$1] - Float(pixels[$1])) * (mean[$1] - Float(pixels[$1])) }
        }
        return distances.firstIndex(of: distances.min() ?? 0) == splits.test.labels[index]
      }
      return Double(hits.count) / Double(splits.test.count)
    }
    let (easy, medium, hard) = (accuracy(0), accuracy(0.5), accuracy(1))
    #expect(easy > medium && medium > hard, "\(easy) \(medium) \(hard)")
    #expect(medium > 0.15 && medium < 0.6 && hard < 0.4, "\(easy) \(medium) \(hard)")
  }

  @Test func asAnAtlas() throws {
    let folder = TemporaryFolder()
    let splits = SyntheticImages.make(train: 50, test: 20)
    try AtlasWriter.write(splits, to: folder.url, imagesPerFile: 30)
    let read = try folder.open(cache: .disabled)
    #expect(read.train.sha256 == splits.train.sha256 && read.train.origin == .synthetic)
    #expect(read.train.classes == splits.train.classes && read.test.labels == splits.test.labels)
  }
}
