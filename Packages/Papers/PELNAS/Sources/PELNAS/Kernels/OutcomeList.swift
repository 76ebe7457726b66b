import Synchronization

/// Results of tasks that run at the same time, in their order.
final class OutcomeList<Value: Sendable>: Sendable {
  private let outcomes: Mutex<[Result<Value, PELNASError>?]>

  init(count: Int) { outcomes = Mutex(Array(repeating: nil, count: count)) }

  func set(_ index: Int, _ outcome: Result<Value, PELNASError>) {
    outcomes.withLock { $0[index] = outcome }
  }

  /// All values, or the error of the first task that failed.
  func values() throws(PELNASError) -> [Value] {
    let all = outcomes.withLock { $0 }
    var values: [Value] = []
    for case let outcome? in all { values.append(try outcome.get()) }
    precondition(values.count == all.count, "a task left no outcome")
    return values
  }
}
