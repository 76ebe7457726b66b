import TinyTensor

/// `body` of every index below `count`, on all cores; the order of the results does not depend on the number of threads.
func parallelMap<Element>(_ count: Int, _ body: (Int) -> Element) -> [Element] {
  let results = [Element?](unsafeUninitializedCapacity: count) { buffer, initialized in
    let slots = buffer
    slots.initialize(repeating: nil)
    parallelFor(count) { slots[$0] = body($0) }
    initialized = count
  }
  return results.compactMap { $0 }
}
