import Foundation
import TinyTensor

/// Draws contests of any size that look like a model's own: an extrapolation from a network that was really encoded to larger
/// ones, and to be labelled as such.
///
/// A drawn kernel takes the coefficients of a random real kernel slice and puts them on columns drawn without replacement in
/// proportion to how often the columns of one real contest are used.
public struct PatternSampler: Sendable {
  private let patterns: [[Int]]
  private let usages: [[Double]]
  private let columns: Int
  private let magnitudeBits: Int

  /// Learns from a model.
  public init(_ model: BasisNModel) {
    columns = model.basis.count
    magnitudeBits = model.configuration.quantizer.magnitudeBits
    var patterns: [[Int]] = []
    var usages: [(kernels: Int, usage: [Double])] = []
    for layer in model.layers {
      for position in 0..<layer.slicing.count {
        var usage = [Double](repeating: 0.5, count: model.basis.count)
        for kernel in 0..<layer.shape.outputs {
          let terms = layer.terms(layer.slice(kernel: kernel, position: position))
          patterns.append(terms.map { abs($0.value) })
          for term in terms { usage[term.atom] += 1 }
        }
        usages.append((layer.shape.outputs, usage))
      }
    }
    // Contests of few kernels say little about how often a column is used.
    let largest = usages.map(\.kernels).max() ?? 0
    self.patterns = patterns.filter { !$0.isEmpty }
    self.usages = usages.filter { 2 * $0.kernels >= largest }.map(\.usage)
  }

  /// The jobs of a contest of `kernels` kernels.
  public func contest(kernels: Int, using generator: inout Philox) -> JobSet {
    var jobs = JobSet(columns: columns)
    guard !patterns.isEmpty, !usages.isEmpty else { return jobs }
    let usage = usages[generator.next(below: usages.count)]
    for kernel in 0..<kernels {
      let pattern = patterns[generator.next(below: patterns.count)]
      let chosen = draw(pattern.count, usage, using: &generator)
      for bit in 0..<magnitudeBits {
        let used = zip(chosen, pattern).filter { $0.1 >> bit & 1 == 1 }.map(\.0)
        jobs.append(columns: used, label: .init(kernel: kernel, bit: bit))
      }
    }
    return jobs
  }

  /// Weighted drawing without replacement: the smallest of exponential numbers with the weights as rates.
  private func draw(_ count: Int, _ weights: [Double], using generator: inout Philox) -> [Int] {
    let keys = weights.map { weight in
      let uniform = max(Double(generator.uniform()), 1e-9)
      return -log(uniform) / weight
    }
    return Array(keys.indices.sorted { keys[$0] < keys[$1] }.prefix(count))
  }

  /// The load of a network whose contests look like this.
  /// - Parameters:
  ///   - lines: summing lines over all crossbars.
  ///   - draws: contests drawn and scheduled per number of kernels; their mean counts.
  public func load(
    of shape: NetworkShape, lines: Int, draws: Int, rounds: Int, coefficientBits: Double, rows: Int = 128, seed: UInt64
  ) throws(BasisNError) -> BasisLoad {
    let widths = Array(Set(shape.layers.map(\.kernelsPerGroup))).sorted()
    let measured = try concurrently(widths.count) { index throws(BasisNError) in
      var sums = (cycles: 0.0, jobs: 0.0, bits: 0.0)
      for draw in 0..<draws {
        var generator = Philox(seed: seed, stream: "contest.\(widths[index]).\(draw)")
        let jobs = contest(kernels: widths[index], using: &generator)
        let schedule = try ContestScheduler.schedule(jobs, lines: lines, rounds: rounds, seed: seed)
        sums.cycles += Double(schedule.cycles) / Double(draws)
        sums.jobs += Double(jobs.count) / Double(draws)
        sums.bits += Double(jobs.usage.reduce(0, +)) / Double(draws)
      }
      return sums
    }
    let byWidth = Dictionary(uniqueKeysWithValues: zip(widths, measured))
    let layers = shape.layers.map { layer in
      let slices = Double(layer.groups * LayerShape.ceilDivide(layer.reduction, rows))
      let one = byWidth[layer.kernelsPerGroup] ?? (0, 0, 0)
      return BasisLoad.Layer(
        name: layer.name, windows: layer.windows, slices: Int(slices), cycles: one.cycles * slices,
        jobs: one.jobs * slices, additions: one.bits * slices)
    }
    return BasisLoad(layers: layers, basis: columns, coefficientBits: coefficientBits)
  }
}
