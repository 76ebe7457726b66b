/// Plain loops in `Double` for image operations on flat row-major arrays, channels last.
struct ReferenceImages {
  let batch: Int
  let height: Int
  let width: Int
  let channels: Int

  init(_ shape: [Int]) { (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3]) }

  func index(_ image: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    ((image * height + row) * width + column) * channels + channel
  }

  /// Cross-correlation with a kernel `[out, in / groups, kernelHeight, kernelWidth]`.
  func convolution(
    _ x: [Double], weight: [Double], weightShape: [Int], bias: [Double]?, stride: Int, padding: Int, dilation: Int,
    groups: Int
  ) -> [Double] {
    let (outputs, inputs, kernelHeight, kernelWidth) = (weightShape[0], weightShape[1], weightShape[2], weightShape[3])
    let outputHeight = (height + 2 * padding - dilation * (kernelHeight - 1) - 1) / stride + 1
    let outputWidth = (width + 2 * padding - dilation * (kernelWidth - 1) - 1) / stride + 1
    var result: [Double] = []
    for image in 0..<batch {
      for row in 0..<outputHeight {
        for column in 0..<outputWidth {
          for output in 0..<outputs {
            var total = bias?[output] ?? 0
            let group = output / (outputs / groups)
            for input in 0..<inputs {
              for kernelRow in 0..<kernelHeight {
                for kernelColumn in 0..<kernelWidth {
                  let y = row * stride - padding + kernelRow * dilation
                  let z = column * stride - padding + kernelColumn * dilation
                  guard y >= 0, y < height, z >= 0, z < width else { continue }
                  total +=
                    x[index(image, y, z, group * inputs + input)]
                    * weight[((output * inputs + input) * kernelHeight + kernelRow) * kernelWidth + kernelColumn]
                }
              }
            }
            result.append(total)
          }
        }
      }
    }
    return result
  }

  /// Calls `body` for every output of a pooling, with the values under its window, and collects the results.
  func pooling(_ x: [Double], kernel: Int, stride: Int, padding: Int, _ body: ([Double]) -> Double) -> [Double] {
    var result: [Double] = []
    for image in 0..<batch {
      for row in 0..<(height + 2 * padding - kernel) / stride + 1 {
        for column in 0..<(width + 2 * padding - kernel) / stride + 1 {
          for channel in 0..<channels {
            var window: [Double] = []
            for y in row * stride - padding..<row * stride - padding + kernel where y >= 0 && y < height {
              for z in column * stride - padding..<column * stride - padding + kernel where z >= 0 && z < width {
                window.append(x[index(image, y, z, channel)])
              }
            }
            result.append(body(window))
          }
        }
      }
    }
    return result
  }
}
