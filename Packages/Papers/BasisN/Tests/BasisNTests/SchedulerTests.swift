import BasisN
import Testing
import TinyTensor

@Suite struct SchedulerTests {
  /// Random jobs with a skewed choice of columns.
  static func jobs(_ count: Int, columns: Int, size: Int, seed: UInt64 = 1) -> JobSet {
    var generator = Philox(seed: seed, stream: "jobs")
    var jobs = JobSet(columns: columns)
    for kernel in 0..<count {
      let chosen = Set(
        (0..<size).map { _ in min(generator.next(below: columns), generator.next(below: columns)) })
      jobs.append(columns: chosen.sorted(), label: .init(kernel: kernel, bit: 0))
    }
    return jobs
  }

  @Test(arguments: [(1, 1, 1), (40, 16, 3), (200, 64, 5), (300, 128, 8), (150, 200, 6)])
  func schedulesAreValidAndNotBelowTheBound(_ parameters: (Int, Int, Int)) throws {
    let (count, columns, size) = parameters
    let jobs = Self.jobs(count, columns: columns, size: size)
    for lines in [1, 4, 1_000] {
      let plain = try ContestScheduler.schedule(jobs, lines: lines, rounds: 0)
      let improved = try ContestScheduler.schedule(jobs, lines: lines, rounds: 60)
      for schedule in [plain, improved] {
        #expect(schedule.isValid(for: jobs, lines: lines))
        #expect(schedule.cycles >= schedule.lowerBound)
      }
      #expect(improved.cycles <= plain.cycles)
      if lines == 1 { #expect(improved.cycles == jobs.count) }
    }
  }

  @Test func disjointJobsShareACycle() throws {
    var jobs = JobSet(columns: 8)
    for kernel in 0..<4 { jobs.append(columns: [2 * kernel, 2 * kernel + 1], label: .init(kernel: kernel, bit: 0)) }
    #expect(try ContestScheduler.schedule(jobs, lines: 4).cycles == 1)
    #expect(try ContestScheduler.schedule(jobs, lines: 3).cycles == 2)
    jobs.append(columns: [], label: .init(kernel: 9, bit: 0))
    #expect(jobs.count == 4)
  }

  /// A case that plain first fit gets wrong: the optimum is known by construction, perfect partitions that are shuffled.
  @Test func improvementFindsPlantedSchedules() throws {
    var generator = Philox(seed: 3, stream: "planted")
    var parts: [[Int]] = []
    for _ in 0..<6 {
      var columns = Array(0..<32).shuffled(using: &generator)
      while !columns.isEmpty {
        let size = min(columns.count, 3 + generator.next(below: 6))
        parts.append(Array(columns.prefix(size)).sorted())
        columns.removeFirst(size)
      }
    }
    var jobs = JobSet(columns: 32)
    for (kernel, part) in parts.shuffled(using: &generator).enumerated() {
      jobs.append(columns: part, label: .init(kernel: kernel, bit: 0))
    }
    let plain = try ContestScheduler.schedule(jobs, lines: 64, rounds: 0)
    let schedule = try ContestScheduler.schedule(jobs, lines: 64, rounds: 400)
    #expect(schedule.lowerBound == 6)
    #expect(schedule.cycles <= plain.cycles && schedule.cycles <= 8)
  }

  @Test func sameSeedSameSchedule() throws {
    let jobs = Self.jobs(120, columns: 64, size: 6)
    let first = try ContestScheduler.schedule(jobs, lines: 16, rounds: 50, seed: 4)
    #expect(try ContestScheduler.schedule(jobs, lines: 16, rounds: 50, seed: 4) == first)
  }

  @Test func invalidSchedulesAreRecognised() throws {
    let jobs = Self.jobs(30, columns: 32, size: 4)
    let good = try ContestScheduler.schedule(jobs, lines: 8)
    #expect(
      !ContestSchedule(cycleOfJob: [Int](repeating: 0, count: 30), cycles: 1, lowerBound: 1).isValid(
        for: jobs, lines: 100))
    #expect(!good.isValid(for: Self.jobs(29, columns: 32, size: 4), lines: 8))
    #expect(!ContestSchedule(cycleOfJob: Array(0..<30), cycles: 31, lowerBound: 1).isValid(for: jobs, lines: 8))
    #expect(throws: BasisNError.self) { try ContestScheduler.schedule(jobs, lines: 0) }
  }

  @Test func manyJobsAreNoProblem() throws {
    let jobs = Self.jobs(100_000, columns: 128, size: 9)
    let schedule = try ContestScheduler.schedule(jobs, lines: 32, rounds: 0)
    #expect(schedule.isValid(for: jobs, lines: 32))
  }

  @Test func networkSchedulesCountEverything() throws {
    let model = try Fixtures.model(Fixtures.network())
    let schedule = try NetworkSchedule(model, lines: 16, rounds: 10)
    #expect(schedule.entries.reduce(0) { $0 + $1.setBits } == model.layers.reduce(0) { $0 + $1.setBits })
    #expect(schedule.cycles >= schedule.lowerBound)
    #expect(Double(schedule.lowerBound) >= schedule.balanced - 1e-6)
    let steering = try NetworkSchedule(model, combiner: .digitalSteering, lines: 16, rounds: 10)
    #expect(steering.entries.reduce(0) { $0 + $1.setBits } == model.layers.reduce(0) { $0 + $1.atoms.count })
    #expect(try Threads.withCount(1) { try NetworkSchedule(model, lines: 16, rounds: 10) } == schedule)
  }
}
