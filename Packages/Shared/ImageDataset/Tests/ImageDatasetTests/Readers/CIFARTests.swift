import Foundation
import ImageDataset
import Testing

@Suite struct CIFARTests {
  private func batch(_ records: Int, labelBytes: Int, seed: UInt64) -> Data {
    var noise = Noise(seed)
    var data = Data()
    for index in 0..<records {
      data += (0..<labelBytes).map { _ in UInt8(index % 10) }
      data += noise.bytes(3072)
    }
    return data
  }

  private func cifar10(_ records: Int = 3) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for number in 1...5 {
      try folder.write(batch(records, labelBytes: 1, seed: UInt64(number)), "data_batch_\(number).bin")
    }
    try folder.write(batch(2, labelBytes: 1, seed: 9), "test_batch.bin")
    return folder
  }

  @Test func planesBecomePixels() throws {
    let folder = try cifar10()
    let splits = try folder.open()
    #expect(splits.name == "cifar10" && splits.train.count == 15 && splits.test.count == 2)
    #expect(splits.train.labels.prefix(4) == [0, 1, 2, 0])
    let record = Array(batch(3, labelBytes: 1, seed: 2))[3073 + 1..<2 * 3073]
    let image = splits.train.pixels(of: 4)
    for pixel in [0, 1, 31, 32, 1023] {
      for channel in 0..<3 { #expect(image[3 * pixel + channel] == record[record.startIndex + channel * 1024 + pixel]) }
    }
  }

  @Test func fineLabelsOfCIFAR100() throws {
    let folder = TemporaryFolder()
    var data = batch(2, labelBytes: 2, seed: 1)
    (data[0], data[1], data[3074], data[3075]) = (19, 99, 0, 42)
    try folder.write(data, "train.bin")
    try folder.write(data, "test.bin")
    let splits = try folder.open()
    #expect(splits.train.labels == [99, 42] && splits.train.classes.count == 100)
    data[1] = 100
    try folder.write(data, "train.bin")
    let error = #expect(throws: DatasetError.self) { try folder.open() }
    #expect(
      error
        == .labelOutOfRange(
          file: folder.url.appendingPathComponent("train.bin").path, index: 0, label: 100, classes: 100))
  }

  @Test func sizesThatAreNoWholeRecords() throws {
    let folder = try cifar10(1)
    let data = batch(2, labelBytes: 1, seed: 4)
    for length in stride(from: 1, to: data.count, by: 97) where length % 3073 != 0 {
      try folder.write(data.prefix(length), "data_batch_3.bin")
      #expect(throws: DatasetError.self) { try folder.open() }
    }
  }

  @Test func labelsAndFilesThatAreMissingOrWrong() throws {
    let folder = try cifar10()
    var data = batch(3, labelBytes: 1, seed: 4)
    data[2 * 3073] = 10
    try folder.write(data, "data_batch_2.bin")
    let path = folder.url.appendingPathComponent("data_batch_2.bin").path
    #expect(throws: DatasetError.labelOutOfRange(file: path, index: 2, label: 10, classes: 10)) {
      try folder.open()
    }
    try folder.remove("data_batch_2.bin")
    #expect(throws: DatasetError.missing(path: folder.url.path, what: "data_batch_2.bin")) {
      try folder.open()
    }
    let empty = try cifar10()
    try empty.write(Data(), "test_batch.bin")
    #expect(throws: DatasetError.emptySplit(path: empty.url.path, split: "test")) { try empty.open() }
  }
}
