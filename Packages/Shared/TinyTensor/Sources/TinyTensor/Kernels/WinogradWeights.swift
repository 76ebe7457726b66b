/// Convolution weights as their values at the points of Winograd's transform, `G g Gᵀ`, in the order in which the products read
/// them: `[panel][point][source channel][panel lanes]`, zeros in the lanes beyond the last target channel.
enum WinogradWeights {
  private typealias Transform = WinogradTransform

  static func panels(targets: Int, panelWidth: Int) -> Int { (targets + panelWidth - 1) / panelWidth }

  /// Floats of the packed weights.
  static func count(_ grid: WinogradGrid, panelWidth: Int) -> Int {
    panels(targets: grid.targetChannels, panelWidth: panelWidth) * Transform.products * grid.sourceChannels
      * panelWidth
  }

  /// Packs OIHW weights; `transposed` exchanges the roles of O and I and turns the filters by 180°, as the input gradient needs.
  static func pack(
    _ weight: UnsafePointer<Float>, _ grid: WinogradGrid, transposed: Bool, panelWidth: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let sources = grid.sourceChannels
    let panels = panels(targets: grid.targetChannels, panelWidth: panelWidth)
    let laneStride = transposed ? 9 : 9 * sources
    let sourceStride = transposed ? 9 * grid.targetChannels : 9
    let pointStride = sources * panelWidth
    parallelRanges(panels * sources, grain: 256, alignment: 1) { range in
      withScratch(Float.self, count: (9 + 18) * 8) { scratch in
        for job in range {
          let (panel, source) = job.quotientAndRemainder(dividingBy: sources)
          for lane in stride(from: 0, to: panelWidth, by: 8) {
            let first = panel * panelWidth + lane
            gather(
              weight + first * laneStride + source * sourceStride, lanes: min(8, grid.targetChannels - first),
              stride: laneStride, turned: transposed, into: scratch)
            transform(
              scratch, between: scratch + 9 * 8,
              into: target + panel * Transform.products * pointStride + source * panelWidth + lane,
              pointStride: pointStride)
          }
        }
      }
    }
  }

  /// Collects up to eight filters, lanes innermost.
  private static func gather(
    _ weight: UnsafePointer<Float>, lanes: Int, stride: Int, turned: Bool, into target: UnsafeMutablePointer<Float>
  ) {
    target.update(repeating: 0, count: 9 * 8)
    for lane in 0..<max(0, lanes) {
      let filter = weight + lane * stride
      for tap in 0..<9 { target[tap * 8 + lane] = filter[turned ? 8 - tap : tap] }
    }
  }

  /// `G g Gᵀ` of eight filters.
  private static func transform(
    _ filters: UnsafePointer<Float>, between: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>,
    pointStride: Int
  ) {
    for column in 0..<3 {
      Transform.filter({ loadRow(filters + ($0 * 3 + column) * 8) }) { storeRow($1, between + ($0 * 3 + column) * 8) }
    }
    for row in 0..<Transform.inputSide {
      Transform.filter({ loadRow(between + (row * 3 + $0) * 8) }) {
        storeRow($1, target + (row * Transform.inputSide + $0) * pointStride)
      }
    }
  }
}
