import Foundation

/// The learning rate as a function of the training step.
///
/// Fractions refer to the whole training, so a schedule does not change when the number of epochs does.
public struct Schedule: Sendable, Codable, Hashable {
  /// The form of the curve, relative to the peak.
  public enum Shape: Sendable, Codable, Hashable {
    /// 1 all the time.
    case constant
    /// Multiplied by `factor` at each milestone, a fraction of the training in `0...1`.
    case multiStep(milestones: [Double], factor: Double)
    /// Linear from 0 to 1 during the fraction `warmup`, then half a cosine down to `end`.
    case cosine(warmup: Double, end: Double)
    /// Half a cosine from `start` up to 1 at the fraction `peakAt`, and half a cosine down to `end`.
    case oneCycle(start: Double, peakAt: Double, end: Double)
    /// Straight from `start` up to 1 at the fraction `peakAt`, and straight down to `end`.
    case triangular(start: Double, peakAt: Double, end: Double)
    /// Straight from 1 to 0.
    case linearToZero
  }

  /// The peak learning rate.
  public var peak: Float
  /// The form of the curve.
  public var shape: Shape

  /// Creates a schedule.
  public init(peak: Float, shape: Shape) {
    self.peak = peak
    self.shape = shape
  }

  /// The same learning rate all the time.
  public static func constant(_ rate: Float) -> Schedule { Schedule(peak: rate, shape: .constant) }

  /// The learning rate for `step` in `0..<total`.
  public func learningRate(step: Int, of total: Int) -> Float {
    Float(Double(peak) * factor(step: Double(step), total: Double(max(1, total))))
  }

  private func factor(step: Double, total: Double) -> Double {
    switch shape {
    case .constant: return 1
    case .multiStep(let milestones, let factor):
      return milestones.reduce(1) { step >= ($1 * total).rounded() ? $0 * factor : $0 }
    case .cosine(let warmup, let end):
      let rise = (warmup * total).rounded()
      return step < rise ? (step + 1) / rise : blend(1, end, cosine((step - rise) / max(1, total - rise)))
    case .oneCycle(let start, let peakAt, let end):
      let (fraction, isRising) = Self.leg(step, total: total, peakAt: peakAt)
      return isRising ? blend(start, 1, cosine(fraction)) : blend(1, end, cosine(fraction))
    case .triangular(let start, let peakAt, let end):
      let (fraction, isRising) = Self.leg(step, total: total, peakAt: peakAt)
      return isRising ? blend(start, 1, fraction) : blend(1, end, fraction)
    case .linearToZero: return max(0, 1 - step / total)
    }
  }

  /// How far the step is on its way up or down.
  private static func leg(_ step: Double, total: Double, peakAt: Double) -> (fraction: Double, isRising: Bool) {
    let top = (peakAt * total).rounded(.down)
    return step < top ? (step / top, true) : (min(1, (step - top) / max(1, total - top)), false)
  }

  private func blend(_ a: Double, _ b: Double, _ fraction: Double) -> Double { a + (b - a) * fraction }

  private func cosine(_ fraction: Double) -> Double { (1 - Foundation.cos(.pi * fraction)) / 2 }
}
