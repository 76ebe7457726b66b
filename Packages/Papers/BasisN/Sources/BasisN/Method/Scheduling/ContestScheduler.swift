import TinyTensor

/// The cycles of one contest: which jobs run together.
public struct ContestSchedule: Sendable, Hashable {
  /// Cycle of every job.
  public let cycleOfJob: [Int]
  /// Number of cycles (χ).
  public let cycles: Int
  /// Cycles that no schedule can beat.
  public let lowerBound: Int

  /// A schedule from elsewhere; ``isValid(for:lines:)`` judges it.
  public init(cycleOfJob: [Int], cycles: Int, lowerBound: Int) {
    self.cycleOfJob = cycleOfJob
    self.cycles = cycles
    self.lowerBound = lowerBound
  }

  /// Whether no shorter schedule exists.
  public var isOptimal: Bool { cycles == lowerBound }

  /// Jobs of every cycle, in job order.
  public var jobsOfCycle: [[Int]] {
    var result = [[Int]](repeating: [], count: cycles)
    for (job, cycle) in cycleOfJob.enumerated() { result[cycle].append(job) }
    return result
  }

  /// Whether every job runs once, no cycle uses a column twice and none has more than `lines` jobs.
  public func isValid(for jobs: JobSet, lines: Int) -> Bool {
    guard cycleOfJob.count == jobs.count, cycleOfJob.allSatisfy({ (0..<cycles).contains($0) }) else { return false }
    for members in jobsOfCycle {
      guard (1...lines).contains(members.count) else { return false }
      var union = [UInt64](repeating: 0, count: jobs.words)
      for job in members {
        for word in 0..<jobs.words {
          let mask = jobs.masks[job * jobs.words + word]
          guard union[word] & mask == 0 else { return false }
          union[word] |= mask
        }
      }
    }
    return true
  }
}

/// Partitions jobs into few cycles of pairwise disjoint jobs: graph colouring with a bounded class size (section 2.4).
///
/// First fit in order of the busiest column, then rounds of iterated greedy: re-fitting whole cycles one after the other never
/// needs more cycles, and often fewer.
public enum ContestScheduler {
  /// Schedules jobs.
  /// - Parameters:
  ///   - lines: jobs per cycle (A).
  ///   - rounds: rounds of improvement; 0 for plain first fit.
  ///   - seed: seed of the shuffled rounds. The result depends on nothing else.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)`` for fewer than one line.
  public static func schedule(
    _ jobs: JobSet, lines: Int, rounds: Int = 200, seed: UInt64 = 0
  ) throws(BasisNError) -> ContestSchedule {
    try require(lines >= 1, "summing lines", lines, "1 or more")
    let bound = jobs.lowerBound(lines: lines)
    var best = fit(jobs, order: startingOrder(jobs), lines: lines, expected: bound)
    var current = best
    var generator = Philox(seed: seed, stream: "schedule")
    var round = 0
    while round < rounds, best.cycles > bound {
      let order = reordered(current, round: round, using: &generator)
      current = fit(jobs, order: order, lines: lines, expected: current.cycles)
      if current.cycles < best.cycles { best = current }
      round += 1
    }
    return ContestSchedule(cycleOfJob: best.cycleOfJob, cycles: best.cycles, lowerBound: bound)
  }

  private struct Fit {
    var cycleOfJob: [Int]
    var cycles: Int
  }

  private static func fit(_ jobs: JobSet, order: [Int], lines: Int, expected: Int) -> Fit {
    var kernel = FirstFitKernel(words: jobs.words, capacity: lines, expectedCycles: expected)
    var cycleOfJob = [Int](repeating: 0, count: jobs.count)
    jobs.masks.withUnsafeBufferPointer { masks in
      guard let masks = masks.baseAddress else { return }
      for job in order { cycleOfJob[job] = kernel.place(masks + job * jobs.words) }
    }
    return Fit(cycleOfJob: cycleOfJob, cycles: kernel.cycles)
  }

  /// Jobs with the busiest columns first, larger ones first among equals, then by index.
  private static func startingOrder(_ jobs: JobSet) -> [Int] {
    let usage = jobs.usage
    let keys = (0..<jobs.count).map { job -> (busiest: Int, size: Int) in
      let columns = jobs.columns(of: job)
      return (columns.map { usage[$0] }.max() ?? 0, columns.count)
    }
    return (0..<jobs.count).sorted { a, b in
      if keys[a].busiest != keys[b].busiest { return keys[a].busiest > keys[b].busiest }
      if keys[a].size != keys[b].size { return keys[a].size > keys[b].size }
      return a < b
    }
  }

  /// The jobs cycle by cycle: largest cycles first, last cycles first, or shuffled, in turn.
  private static func reordered(_ fit: Fit, round: Int, using generator: inout Philox) -> [Int] {
    var members = [[Int]](repeating: [], count: fit.cycles)
    for (job, cycle) in fit.cycleOfJob.enumerated() { members[cycle].append(job) }
    switch round % 3 {
    case 0:
      let order = members.indices.sorted { a, b in
        members[a].count == members[b].count ? a < b : members[a].count > members[b].count
      }
      return order.flatMap { members[$0] }
    case 1: return members.reversed().flatMap { $0 }
    default: return members.shuffled(using: &generator).flatMap { $0 }
    }
  }
}
