/// Convolution weights in the order in which the kernel reads them: `[group][panel][tap][source channel][panel lanes]`, zeros in
/// the lanes beyond the last target channel.
enum ConvWeights {
  /// Floats of the packed weights of a plan.
  static func count(_ plan: ConvPlan, panelWidth: Int) -> Int {
    plan.groups * panels(plan, panelWidth: panelWidth) * plan.depth * panelWidth
  }

  static func panels(_ plan: ConvPlan, panelWidth: Int) -> Int { (plan.groupTargets + panelWidth - 1) / panelWidth }

  /// Packs OIHW weights; `transposed` exchanges the roles of O and I, as the input gradient needs.
  static func pack(
    _ weight: UnsafePointer<Float>, _ plan: ConvPlan, _ g: ConvGeometry, transposed: Bool, panelWidth: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let area = g.kernelHeight * g.kernelWidth
    let filter = g.inputChannels / g.groups * area
    let (laneStride, sourceStride) = transposed ? (area, filter) : (filter, area)
    let panels = panels(plan, panelWidth: panelWidth)
    let sources = plan.groupSources
    let taps = plan.taps.map { $0.kernelRow * g.kernelWidth + $0.kernelColumn }
    let panelSize = plan.depth * panelWidth
    parallelRanges(plan.groups * panels, grain: max(1, 16_384 / max(1, panelSize)), alignment: 1) { range in
      for job in range {
        let group = job / panels
        let firstLane = job % panels * panelWidth
        let lanes = min(panelWidth, plan.groupTargets - firstLane)
        let base =
          weight + group * (g.outputChannels / g.groups) * filter + firstLane * laneStride
        var output = target + job * panelSize
        for tap in taps {
          for source in 0..<sources {
            let input = base + source * sourceStride + tap
            for lane in 0..<lanes { output[lane] = input[lane &* laneStride] }
            for lane in lanes..<panelWidth { output[lane] = 0 }
            output += panelWidth
          }
        }
      }
    }
  }
}
