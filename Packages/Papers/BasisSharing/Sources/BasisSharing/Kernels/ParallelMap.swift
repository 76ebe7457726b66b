import TinyTensor

/// The results of `body` for every element, in order, several computed at a time.
///
/// Meant for factorisations of single groups: LAPACK gains little from a second thread on matrices of their size, but two of them side by
/// side take half the time. Everything inside `body` therefore stays on its thread.
///
/// - Throws: The error of the first element that failed.
func parallelMap<Element, Value>(_ elements: [Element], _ body: (Element) throws -> Value) throws -> [Value] {
  var results = [Result<Value, any Error>?](repeating: nil, count: elements.count)
  results.withUnsafeMutableBufferPointer { slots in
    SerialLAPACK.run {
      parallelFor(elements.count) { index in slots[index] = Result { try body(elements[index]) } }
    }
  }
  return try results.compactMap { try $0?.get() }
}
