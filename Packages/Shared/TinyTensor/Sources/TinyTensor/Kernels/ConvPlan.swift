/// One direct convolution in the terms of the kernel: for every position of an output grid, a sum over taps of source channels.
///
/// A forward convolution is one plan. The input gradient is one plan per phase (residue of the input position modulo the stride),
/// each of which reads `dy` at stride 1 with its share of the taps.
struct ConvPlan {
  /// One kernel position: where it reads, relative to the grid position's first tap, and which weight it takes.
  struct Tap {
    let row: Int
    let column: Int
    let kernelRow: Int
    let kernelColumn: Int
    /// Position of the tap's weights among those of the whole convolution.
    var index = 0
  }

  var batch = 0
  var groups = 1

  // The image that is read.
  var sourceHeight = 0
  var sourceWidth = 0
  var sourceChannels = 0
  /// Source row and column of the first tap at grid position (0, 0); negative in the padding.
  var sourceRow = 0
  var sourceColumn = 0
  /// Source step from one grid position to the next.
  var step = 1
  /// In ascending order of (row, column).
  private(set) var taps: [Tap] = []
  /// Rows and columns that the taps span.
  private(set) var tapHeight = 1
  private(set) var tapWidth = 1
  /// Taps of the whole convolution, of which a region of it uses some.
  private(set) var packedTaps = 0

  // The grid of positions, and where they lie in the image that is written.
  var rows = 0
  var columns = 0
  var targetHeight = 0
  var targetWidth = 0
  var targetChannels = 0
  var targetRow = 0
  var targetColumn = 0
  var targetStep = 1

  var groupSources: Int { sourceChannels / groups }
  var groupTargets: Int { targetChannels / groups }
  /// Products per output element.
  var depth: Int { taps.count * groupSources }
  /// Source rows and columns that the whole grid touches.
  var windowHeight: Int { (rows - 1) * step + tapHeight }
  var windowWidth: Int { (columns - 1) * step + tapWidth }

  /// Whether some tap reads outside of the source image.
  var needsPadding: Bool {
    sourceRow < 0 || sourceColumn < 0 || sourceRow + windowHeight > sourceHeight
      || sourceColumn + windowWidth > sourceWidth
  }

  private mutating func add(_ tap: Tap) {
    var numbered = tap
    numbered.index = packedTaps
    packedTaps += 1
    include(numbered)
  }

  private mutating func include(_ tap: Tap) {
    taps.append(tap)
    tapHeight = max(tapHeight, tap.row + 1)
    tapWidth = max(tapWidth, tap.column + 1)
  }

  /// The part of the plan that covers some rows and columns of its grid, with the taps of some source rows and columns.
  func region(rows: Range<Int>, tapRows: ClosedRange<Int>, columns: Range<Int>, tapColumns: ClosedRange<Int>)
    -> ConvPlan
  {
    var part = self
    part.taps = []
    (part.tapHeight, part.tapWidth) = (1, 1)
    for tap in taps where tapRows.contains(tap.row) && tapColumns.contains(tap.column) {
      part.include(
        Tap(
          row: tap.row - tapRows.lowerBound, column: tap.column - tapColumns.lowerBound, kernelRow: tap.kernelRow,
          kernelColumn: tap.kernelColumn, index: tap.index))
    }
    part.sourceRow += rows.lowerBound * step + tapRows.lowerBound
    part.sourceColumn += columns.lowerBound * step + tapColumns.lowerBound
    part.targetRow += rows.lowerBound * targetStep
    part.targetColumn += columns.lowerBound * targetStep
    (part.rows, part.columns) = (rows.count, columns.count)
    return part
  }

  /// The forward convolution.
  static func forward(_ g: ConvGeometry) -> ConvPlan {
    var plan = ConvPlan()
    plan.batch = g.batch
    plan.groups = g.groups
    plan.sourceHeight = g.inputHeight
    plan.sourceWidth = g.inputWidth
    plan.sourceChannels = g.inputChannels
    plan.sourceRow = -g.padding
    plan.sourceColumn = -g.padding
    plan.step = g.stride
    for row in 0..<g.kernelHeight {
      for column in 0..<g.kernelWidth {
        plan.add(
          Tap(row: row * g.dilation, column: column * g.dilation, kernelRow: row, kernelColumn: column))
      }
    }
    plan.rows = g.outputHeight
    plan.columns = g.outputWidth
    plan.targetHeight = g.outputHeight
    plan.targetWidth = g.outputWidth
    plan.targetChannels = g.outputChannels
    return plan
  }

  /// The phases of the input gradient; together they write every input element that has a product. Nil where stride and dilation
  /// both exceed 1.
  static func inputGradient(_ g: ConvGeometry) -> [ConvPlan]? {
    guard g.stride == 1 || g.dilation == 1 else { return nil }
    var plans: [ConvPlan] = []
    for rowPhase in 0..<g.stride {
      guard let rows = Phase(rowPhase, g, size: g.inputHeight, kernel: g.kernelHeight) else { continue }
      for columnPhase in 0..<g.stride {
        guard let columns = Phase(columnPhase, g, size: g.inputWidth, kernel: g.kernelWidth) else { continue }
        var plan = ConvPlan()
        plan.batch = g.batch
        plan.groups = g.groups
        plan.sourceHeight = g.outputHeight
        plan.sourceWidth = g.outputWidth
        plan.sourceChannels = g.outputChannels
        plan.sourceRow = rows.source
        plan.sourceColumn = columns.source
        for row in rows.taps {
          for column in columns.taps {
            plan.add(
              Tap(row: row.offset, column: column.offset, kernelRow: row.kernel, kernelColumn: column.kernel))
          }
        }
        plan.rows = rows.count
        plan.columns = columns.count
        plan.targetHeight = g.inputHeight
        plan.targetWidth = g.inputWidth
        plan.targetChannels = g.inputChannels
        plan.targetRow = rows.target
        plan.targetColumn = columns.target
        plan.targetStep = g.stride
        plans.append(plan)
      }
    }
    return plans
  }

  /// One direction of one phase. Output position `o` reaches input `i` through kernel position `k` when
  /// `i + padding = o · stride + k · dilation`; with `i + padding = stride · q + phase`, the taps are those `k` for which `o` is
  /// whole, and `o = q − shift`.
  private struct Phase {
    var taps: [(offset: Int, kernel: Int)] = []
    let source: Int
    let target: Int
    let count: Int

    init?(_ phase: Int, _ g: ConvGeometry, size: Int, kernel: Int) {
      var shifts: [(shift: Int, kernel: Int)] = []
      for position in 0..<kernel where (position * g.dilation - phase) % g.stride == 0 {
        shifts.append((shift: (position * g.dilation - phase) / g.stride, kernel: position))
      }
      let first = Swift.max(0, (g.padding - phase + g.stride - 1) / g.stride)
      target = first * g.stride + phase - g.padding
      count = target < size ? (size - 1 - target) / g.stride + 1 : 0
      guard let widest = shifts.map(\.shift).max(), count > 0 else { return nil }
      source = first - widest
      taps = shifts.map { (offset: widest - $0.shift, kernel: $0.kernel) }.sorted { $0.offset < $1.offset }
    }
  }
}
