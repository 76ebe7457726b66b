import TinyTensor

/// Computes independent values on all cores, in their order; the error of the first that failed, if any.
func concurrentValues<Value: Sendable, Failure: Error>(
  _ count: Int, _ body: (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let outcomes = OutcomeList<Value, Failure>(count: count)
  parallelFor(count) { index in
    outcomes.set(index, Result { () throws(Failure) -> Value in try body(index) })
  }
  return try outcomes.values()
}

/// Runs independent searches at the same time and returns their results in order.
func concurrentSearches<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> [Value] {
  try await withThrowingTaskGroup(of: (Int, Value).self) { group in
    for index in 0..<count { group.addTask { (index, try await body(index)) } }
    var values = [Value?](repeating: nil, count: count)
    for try await (index, value) in group { values[index] = value }
    return values.compactMap { $0 }
  }
}
