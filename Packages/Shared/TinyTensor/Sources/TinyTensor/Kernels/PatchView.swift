/// The input of a convolution as the right operand of a matrix product: lines are the entries of a filter (taps, and channels within
/// a tap), the depth runs over output pixels. No column matrix is made; patches are read from the (padded) image into panels.
struct PatchView: RightOperand {
  typealias Word = Float

  /// The padded images.
  let window: UnsafePointer<Float>
  /// Where the first tap of every output pixel lies.
  let pixels: UnsafePointer<Int>
  /// Where every tap lies, relative to the first.
  let taps: UnsafePointer<Int>
  let channels: Int
  let line: Int

  @inline(__always)
  func from(line: Int, step: Int) -> PatchView {
    PatchView(window: window, pixels: pixels + step, taps: taps, channels: channels, line: self.line + line)
  }

  func packColumns(_ width: Int, panelWidth: Int, depth: Int, into target: UnsafeMutablePointer<Float>) {
    let channel = line % channels
    if width == panelWidth && channel + width <= channels {
      let source = window + taps[line / channels] + channel
      for step in 0..<depth {
        let patch = source + pixels[step]
        let output = target + step * panelWidth
        for column in stride(from: 0, to: panelWidth, by: 8) {
          storeRow(loadRow(patch + column) as SIMD8<Float>, output + column)
        }
      }
      return
    }
    for column in 0..<panelWidth {
      guard column < width else {
        for step in 0..<depth { target[step * panelWidth + column] = 0 }
        continue
      }
      let entry = line + column
      let source = window + taps[entry / channels] + entry % channels
      for step in 0..<depth { target[step * panelWidth + column] = source[pixels[step]] }
    }
  }
}
