import Testing
import TinyTensor

@Suite struct ThreadTests {
  private func counts(_ count: Int, _ body: (UnsafeMutablePointer<Int32>) -> Void) -> [Int32] {
    withScratch(Int32.self, count: max(1, count)) { pointer in
      pointer.initialize(repeating: 0, count: count)
      body(pointer)
      return Array(UnsafeBufferPointer(start: pointer, count: count))
    }
  }

  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 64, 1001])
  func everyIndexRunsOnce(_ threads: Int, _ count: Int) {
    Threads.withCount(threads) {
      #expect(Threads.count == threads)
      let seen = counts(count) { seen in parallelFor(count) { seen[$0] += 1 } }
      #expect(seen.allSatisfy { $0 == 1 })
    }
  }

  @Test func manySmallJobsInARowAreComplete() {
    Threads.withCount(3) {
      for round in 0..<3000 {
        let count = round % 9
        let seen = counts(count) { seen in parallelFor(count) { seen[$0] += 1 } }
        #expect(seen.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func nestedCallsAreSerialAndComplete() {
    Threads.withCount(2) {
      let seen = counts(12 * 34) { seen in
        parallelFor(12) { outer in parallelFor(34) { inner in seen[outer * 34 + inner] += 1 } }
      }
      #expect(seen.allSatisfy { $0 == 1 })
    }
  }

  @Test func concurrentCallersDoNotDisturbEachOther() async {
    let totals = await withTaskGroup(of: Float.self) { group in
      for task in 0..<8 {
        group.addTask {
          var total: Float = 0
          for round in 0..<50 {
            total += Threads.withCount(2) { Tensor(repeating: Float(task), shape: [40_000 + round]).sum() / 1000 }
          }
          return total
        }
      }
      var all: [Float] = []
      for await total in group { all.append(total) }
      return all.sorted()
    }
    for (task, total) in totals.enumerated() { #expect(abs(total - Float(task) * 2001.225) < 1) }
  }

  @Test func theCountTravelsWithTheTask() async {
    await Threads.withCount(3) {
      await Task.yield()
      #expect(Threads.count == 3)
    }
    Threads.withCount(0) { #expect(Threads.count == 1) }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 100_000, 131_072])
  func rangesCoverEverythingOnce(_ count: Int) {
    let seen = counts(count) { seen in
      parallelRanges(count, grain: 1000) { range in
        for index in range { seen[index] += 1 }
      }
    }
    #expect(seen.allSatisfy { $0 == 1 })
  }

  @Test func chunksPartitionTheirTotal() {
    for total in [0, 1, 7, 8, 9, 1000] {
      let all = (0..<ReductionChunks.count).flatMap { Array(ReductionChunks.range($0, of: total)) }
      #expect(all == Array(0..<total))
    }
  }
}
