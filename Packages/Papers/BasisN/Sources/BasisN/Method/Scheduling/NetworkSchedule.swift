import TinyTensor

/// The schedules of a whole model, contest by contest.
public struct NetworkSchedule: Sendable, Codable, Hashable {
  /// One contest: the kernels of one group at one slice position.
  public struct Entry: Sendable, Codable, Hashable {
    /// Layer.
    public let layer: String
    /// Group of the layer.
    public let group: Int
    /// Slice position.
    public let slice: Int
    /// Kernels that compete.
    public let kernels: Int
    /// Jobs: conversions per window and input step.
    public let jobs: Int
    /// Set bits of all coefficients: columns switched onto lines.
    public let setBits: Int
    /// Cycles of the schedule (χ).
    public let cycles: Int
    /// Cycles that no schedule can beat.
    public let lowerBound: Int
    /// Output positions of one image.
    public let windows: Int
  }

  /// How columns are combined.
  public let combiner: Combiner
  /// Summing lines over all crossbars.
  public let lines: Int
  /// Columns: basis vectors.
  public let columns: Int
  /// All contests in layer order.
  public let entries: [Entry]

  /// Schedules every contest of a model and proves each schedule valid.
  /// - Parameters:
  ///   - lines: jobs per cycle over all crossbars (A · X).
  ///   - rounds: rounds of improvement per contest.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public init(
    _ model: BasisNModel, combiner: Combiner = .analogRouting, lines: Int, rounds: Int = 200, seed: UInt64 = 0
  ) throws(BasisNError) {
    try require(lines >= 1, "summing lines", lines, "1 or more")
    let bits = model.configuration.quantizer.magnitudeBits
    let tasks = model.layers.flatMap { layer in
      (0..<layer.shape.groups).flatMap { group in
        (0..<layer.slicing.count).map { slice in (layer: layer, group: group, slice: slice) }
      }
    }
    let results = try concurrently(tasks.count) { index throws(BasisNError) -> Entry in
      let task = tasks[index]
      let jobs = task.layer.jobs(
        group: task.group, position: task.slice, basis: model.basis.count, magnitudeBits: bits, combiner: combiner)
      let schedule = try ContestScheduler.schedule(jobs, lines: lines, rounds: rounds, seed: seed &+ UInt64(index))
      guard schedule.isValid(for: jobs, lines: lines) else {
        throw .mismatch("the schedule of \(task.layer.shape.name), slice \(task.slice), uses a column twice in a cycle")
      }
      return Entry(
        layer: task.layer.shape.name, group: task.group, slice: task.slice, kernels: task.layer.shape.kernelsPerGroup,
        jobs: jobs.count, setBits: jobs.usage.reduce(0, +), cycles: schedule.cycles, lowerBound: schedule.lowerBound,
        windows: task.layer.shape.windows)
    }
    self.combiner = combiner
    self.lines = lines
    columns = model.basis.count
    entries = results
  }

  /// Cycles of one image with one input step: `Σ W·χ`.
  public var cycles: Int { entries.reduce(0) { $0 + $1.windows * $1.cycles } }
  /// Cycles that no schedule can beat: `Σ W·LB`.
  public var lowerBound: Int { entries.reduce(0) { $0 + $1.windows * $1.lowerBound } }
  /// Conversions of one image with one input step: `Σ W·jobs`.
  public var conversions: Int { entries.reduce(0) { $0 + $1.windows * $1.jobs } }
  /// Cycles if the load were spread perfectly: `Σ W·max(set bits / columns, jobs / lines)`.
  public var balanced: Double {
    entries.reduce(0) { sum, entry in
      sum + Double(entry.windows)
        * max(Double(entry.setBits) / Double(columns), Double(entry.jobs) / Double(lines))
    }
  }
}

/// Runs independent computations on all threads; the result does not depend on their number.
/// - Throws: the error of the first index that failed.
func concurrently<Value: Sendable>(
  _ count: Int, _ body: @Sendable (Int) throws(BasisNError) -> Value
) throws(BasisNError) -> [Value] {
  var results = [Result<Value, BasisNError>?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { target in
    guard let target = target.baseAddress else { return }
    parallelFor(count) { index in
      do throws(BasisNError) {
        target[index] = .success(try body(index))
      } catch {
        target[index] = .failure(error)
      }
    }
  }
  var values: [Value] = []
  for result in results {
    if let result { values.append(try result.get()) }
  }
  return values
}
