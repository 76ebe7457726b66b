import ReproductionKit

/// What a run of the experiment does, by scale.
struct Workload: Sendable {
  /// Tokens per window, for calibration and evaluation.
  let window: Int
  /// Calibration windows.
  let calibrationWindows: Int
  /// Evaluation windows of the main text and of the second one; none of the second leaves it out.
  let windows: Int
  let secondWindows: Int
  /// Ratios of the perplexity tables.
  let ratios: [Double]
  /// Ratios of the pair criteria: the ends of the range.
  let criterionRatios = [0.2, 0.5]
  /// Group sizes of the `llama` preset.
  let groupSizes: [Int]
  /// Groups whose exactness is checked: every so many layers.
  let exactnessStride: Int
  /// Calibration windows of updates.
  let updateWindows: Int
  /// Ratios whose coefficients are updated.
  let updateRatios: [Double]
  /// Steps of the recovery, and ratios at which it is tried.
  let recoverySteps: Int
  let recoveryLength: Int
  let recoveryRatios: [Double]
  /// Questions per multiple-choice set.
  let questions: Int
  /// Types of the heat maps over all pairs of layers.
  let heatMaps: Int
  /// Whether baselines and planners of the full scale are run.
  let isFull: Bool
  /// Tokens of the prefill that speed is measured on.
  let prefill: Int

  init(_ context: RunContext) throws {
    isFull = context.scale == .full
    window = try context.option("window", default: 1024)
    calibrationWindows = try context.option("calibration-windows", default: isFull ? 64 : 6)
    windows = try context.option("windows", default: isFull ? 5 : 3)
    secondWindows = try context.option("second-windows", default: isFull ? 1 : 0)
    ratios = isFull ? [0.2, 0.3, 0.4, 0.5] : [0.2, 0.5]
    groupSizes = isFull ? [1, 2, 3, 5] : [1, 2]
    exactnessStride = isFull ? 2 : 30
    updateWindows = try context.option("update-windows", default: 4)
    updateRatios = isFull ? [0.4, 0.5] : []
    recoverySteps = try context.option("recovery-steps", default: isFull ? 30 : 0)
    recoveryLength = try context.option("recovery-length", default: 512)
    recoveryRatios = isFull ? [0.2, 0.5] : []
    questions = try context.option("questions", default: isFull ? 30 : 0)
    heatMaps = isFull ? 2 : 0
    prefill = min(isFull ? 512 : 256, window)
    for (name, value) in [("second-windows", secondWindows)] where value < 0 {
      throw BasisSharingError.invalidSetting(name: name, value: "\(value)", expected: "0 or a positive number")
    }
    for (name, value) in [("window", window), ("calibration-windows", calibrationWindows), ("windows", windows)]
    where value < 1 {
      throw BasisSharingError.invalidSetting(name: name, value: "\(value)", expected: "a positive number")
    }
  }
}
