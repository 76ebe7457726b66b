import TinyTensor

/// Runs `body` for 0..<count on all threads; of several failures, the one with the lowest index is thrown.
func parallelTry(_ count: Int, _ body: (Int) throws(DatasetError) -> Void) throws(DatasetError) {
  var failures = [DatasetError?](repeating: nil, count: count)
  failures.withUnsafeMutableBufferPointer { buffer in
    guard let slots = buffer.baseAddress else { return }
    parallelFor(count) { index in
      do throws(DatasetError) {
        try body(index)
      } catch {
        slots[index] = error
      }
    }
  }
  for case let failure? in failures { throw failure }
}
