/// First-fit packing of bit sets into cycles.
struct FirstFitKernel {
  /// Words per mask.
  let words: Int
  /// Jobs per cycle.
  let capacity: Int
  /// Union of each open cycle's jobs.
  private(set) var masks: [UInt64] = []
  /// Jobs in each cycle.
  private(set) var sizes: [Int32] = []
  /// Cycles before this one are full.
  private var firstOpen = 0

  init(words: Int, capacity: Int, expectedCycles: Int) {
    self.words = words
    self.capacity = capacity
    masks.reserveCapacity(words * expectedCycles)
    sizes.reserveCapacity(expectedCycles)
  }

  var cycles: Int { sizes.count }

  /// Puts a job into the first cycle that has none of its columns and a free line.
  /// - Returns: the cycle.
  mutating func place(_ job: UnsafePointer<UInt64>) -> Int {
    let cycle = words == 2 ? search2(job) : search(job)
    if cycle == sizes.count {
      masks.append(contentsOf: UnsafeBufferPointer(start: job, count: words))
      sizes.append(1)
    } else {
      for word in 0..<words { masks[cycle * words + word] |= job[word] }
      sizes[cycle] += 1
    }
    while firstOpen < sizes.count, sizes[firstOpen] >= capacity { firstOpen += 1 }
    return cycle
  }

  private func search(_ job: UnsafePointer<UInt64>) -> Int {
    masks.withUnsafeBufferPointer { masks in
      sizes.withUnsafeBufferPointer { sizes in
        for cycle in firstOpen..<sizes.count where sizes[cycle] < capacity {
          var common: UInt64 = 0
          for word in 0..<words { common |= masks[cycle * words + word] & job[word] }
          if common == 0 { return cycle }
        }
        return sizes.count
      }
    }
  }

  /// The same for 128 columns, the usual case.
  private func search2(_ job: UnsafePointer<UInt64>) -> Int {
    let (low, high) = (job[0], job[1])
    return masks.withUnsafeBufferPointer { masks in
      sizes.withUnsafeBufferPointer { sizes in
        for cycle in firstOpen..<sizes.count {
          let common = (masks[2 * cycle] & low) | (masks[2 * cycle + 1] & high)
          if common == 0, sizes[cycle] < capacity { return cycle }
        }
        return sizes.count
      }
    }
  }
}
