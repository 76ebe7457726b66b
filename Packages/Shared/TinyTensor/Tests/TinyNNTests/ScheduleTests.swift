import Testing
import JSONC
import TinyNN

@Suite struct ScheduleTests {
  private func rates(_ schedule: Schedule, _ steps: [Int], of total: Int) -> [Float] {
    steps.map { schedule.learningRate(step: $0, of: total) }
  }

  @Test func shapes() {
    #expect(rates(.constant(0.5), [0, 50, 99], of: 100) == [0.5, 0.5, 0.5])
    expectClose(
      rates(Schedule(peak: 1, shape: .multiStep(milestones: [0.5, 0.75], factor: 0.1)), [0, 49, 50, 74, 75], of: 100),
      [1, 1, 0.1, 0.1, 0.01])
    expectClose(rates(Schedule(peak: 2, shape: .linearToZero), [0, 50, 99, 100], of: 100), [2, 1, 0.02, 0])
    expectClose(
      rates(Schedule(peak: 1, shape: .cosine(warmup: 0.1, end: 0)), [0, 4, 9, 10, 55, 100], of: 100),
      [0.1, 0.5, 1, 1, 0.5, 0])
    expectClose(
      rates(Schedule(peak: 1, shape: .oneCycle(start: 0.2, peakAt: 0.5, end: 0.1)), [0, 25, 50, 75, 100], of: 100),
      [0.2, 0.6, 1, 0.55, 0.1])
  }

  /// The triangle of the airbench recipe: numpy.interp(step, [0, int(0.23 · total), total], [0.2, 1, 0.07]).
  @Test func triangle() {
    let schedule = Schedule(peak: 10, shape: .triangular(start: 0.2, peakAt: 0.23, end: 0.07))
    expectClose(
      rates(schedule, [0, 5, 11, 30, 49], of: 50), [2, 5.63636364, 10, 5.46923077, 0.938461538])
  }

  @Test func shortTrainings() {
    for total in [0, 1, 2] {
      for shape: Schedule.Shape in [
        .constant, .cosine(warmup: 0.5, end: 0), .oneCycle(start: 0, peakAt: 0.3, end: 0),
        .triangular(start: 0, peakAt: 0.3, end: 0), .linearToZero, .multiStep(milestones: [], factor: 0.1),
      ] {
        #expect(Schedule(peak: 1, shape: shape).learningRate(step: 0, of: total).isFinite)
      }
    }
  }

  @Test func survivesJSON() throws {
    let schedule = Schedule(peak: 0.125, shape: .oneCycle(start: 0.25, peakAt: 0.5, end: 0))
    #expect(try JSON.decode(Schedule.self, from: JSON.encode(schedule)) == schedule)
  }
}
