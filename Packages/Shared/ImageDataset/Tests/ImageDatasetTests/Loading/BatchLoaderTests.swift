import Foundation
import ImageDataset
import Testing
import TinyTensor

@Suite struct BatchLoaderTests {
  /// Every image of an epoch by its index.
  private func epoch(_ loader: BatchLoader) -> [Int: [Float]] {
    var images: [Int: [Float]] = [:]
    for batch in loader {
      let scalars = batch.images.scalars
      let size = scalars.count / batch.count
      for (slot, index) in batch.indices.enumerated() {
        #expect(images[index] == nil && batch.labels[slot] == loader.images.labels[index])
        images[index] = Array(scalars[slot * size..<(slot + 1) * size])
      }
    }
    return images
  }

  @Test func batchesDoNotDependOnHowTheyAreMade() throws {
    let images = try Samples.images(count: 53)
    func loader(_ batchSize: Int, _ prefetch: Int, shuffle: Bool = true) -> BatchLoader {
      BatchLoader(
        images, batchSize: batchSize, augmentation: .standard, seed: 9, epoch: 2, shuffle: shuffle, prefetch: prefetch)
    }
    let reference = epoch(loader(1, 0))
    #expect(reference.count == 53)
    for (batchSize, prefetch) in [(7, 0), (7, 1), (53, 2), (100, 5)] {
      #expect(epoch(loader(batchSize, prefetch)) == reference)
    }
    #expect(epoch(loader(8, 2, shuffle: false)) == reference)
    #expect(Threads.withCount(1) { epoch(loader(7, 1)) } == reference)
  }

  @Test func orders() throws {
    let images = try Samples.images(count: 40)
    func order(_ seed: UInt64, _ epoch: Int) -> [Int] {
      BatchLoader(images, batchSize: 4, seed: seed, epoch: epoch).order
    }
    #expect(order(1, 0) == order(1, 0))
    #expect(order(1, 0) != order(1, 1) && order(1, 0) != order(2, 0))
    #expect(order(1, 0).sorted() == Array(0..<40))
    let some = BatchLoader(images, batchSize: 4, shuffle: false, indices: [5, 3, 5])
    #expect(some.map(\.indices) == [[5, 3, 5]])
    #expect(BatchLoader(images, batchSize: 4, indices: [7, 8, 9]).order.sorted() == [7, 8, 9])
    #expect(BatchLoader(images, batchSize: 4, indices: []).map(\.count) == [])
  }

  @Test func everyOrderIsEquallyLikely() throws {
    let images = try Samples.images(count: 4)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<2400 { counts[BatchLoader(images, batchSize: 4, seed: 1, epoch: epoch).order, default: 0] += 1 }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { (50...150).contains($0) })
  }

  @Test(arguments: [0, 2])
  func lastBatch(prefetch: Int) throws {
    let images = try Samples.images(count: 10)
    func counts(_ dropLast: Bool, _ size: Int) -> [Int] {
      let loader = BatchLoader(images, batchSize: size, dropLast: dropLast, prefetch: prefetch)
      let counts = loader.map(\.count)
      #expect(loader.count == counts.count && loader.underestimatedCount == counts.count)
      return counts
    }
    #expect(counts(false, 4) == [4, 4, 2] && counts(true, 4) == [4, 4])
    #expect(counts(false, 5) == [5, 5] && counts(true, 5) == [5, 5])
    #expect(counts(false, 11) == [10] && counts(true, 11) == [])
  }

  @Test func leavingEarlyEndsTheThread() throws {
    let images = try Samples.images(count: 500)
    for round in 0..<40 {
      for batch in BatchLoader(images, batchSize: 3, epoch: round, prefetch: 1 + round % 3)
      where batch.indices.count == 3 {
        break
      }
      _ = BatchLoader(images, batchSize: 3, epoch: round).makeIterator()
    }
    // Other tests load batches meanwhile; all of them end.
    for _ in 0..<2000 where BatchIterator.activeThreads > 0 { Thread.sleep(forTimeInterval: 0.005) }
    #expect(BatchIterator.activeThreads == 0)
  }

  @Test func anIteratorThatEndedStaysEnded() throws {
    let iterator = BatchLoader(try Samples.images(count: 4), batchSize: 3).makeIterator()
    #expect(iterator.next()?.count == 3 && iterator.next()?.count == 1)
    #expect(iterator.next() == nil && iterator.next() == nil)
  }
}
