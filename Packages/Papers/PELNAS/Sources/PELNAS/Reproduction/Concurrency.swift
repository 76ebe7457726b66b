import TinyTensor

/// Computes independent values on all cores, in their order.
func concurrentValues<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws(PELNASError) -> Value
) throws(PELNASError) -> [Value] {
  let outcomes = OutcomeList<Value>(count: count)
  parallelFor(count) { index in
    outcomes.set(index, Result { () throws(PELNASError) -> Value in try body(index) })
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
