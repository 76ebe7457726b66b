import TinyTensor

/// Convolution and its gradients by definition: seven nested loops.
struct ReferenceConvolution {
  let g: ConvGeometry

  /// Calls `body(image, y, x, out channel, in channel, in channel of the group, kernel row, kernel column, input y, input x)` for
  /// every product of the convolution that does not fall into the padding.
  private func eachProduct(
    _ body: (_ output: [Int], _ input: [Int], _ weight: [Int]) -> Void
  ) {
    let inputs = g.inputChannels / g.groups
    let outputs = g.outputChannels / g.groups
    for n in 0..<g.batch {
      for oy in 0..<g.outputHeight {
        for ox in 0..<g.outputWidth {
          for oc in 0..<g.outputChannels {
            for ic in 0..<inputs {
              for ky in 0..<g.kernelHeight {
                for kx in 0..<g.kernelWidth {
                  let iy = oy * g.stride - g.padding + ky * g.dilation
                  let ix = ox * g.stride - g.padding + kx * g.dilation
                  guard iy >= 0, iy < g.inputHeight, ix >= 0, ix < g.inputWidth else { continue }
                  body([n, oy, ox, oc], [n, iy, ix, oc / outputs * inputs + ic], [oc, ic, ky, kx])
                }
              }
            }
          }
        }
      }
    }
  }

  func forward(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> ReferenceArray {
    let (x, w) = (ReferenceArray(x), ReferenceArray(weight))
    var y = ReferenceArray(zeros: g.outputShape)
    if let bias {
      let values = bias.scalars
      for index in y.values.indices { y.values[index] = Double(values[index % values.count]) }
    }
    eachProduct { y.values[y.offset($0)] += x.values[x.offset($1)] * w.values[w.offset($2)] }
    return y
  }

  func inputGradient(_ dy: Tensor, _ weight: Tensor) -> ReferenceArray {
    let (dy, w) = (ReferenceArray(dy), ReferenceArray(weight))
    var dx = ReferenceArray(zeros: g.inputShape)
    eachProduct { dx.values[dx.offset($1)] += dy.values[dy.offset($0)] * w.values[w.offset($2)] }
    return dx
  }

  func weightGradient(_ x: Tensor, _ dy: Tensor) -> ReferenceArray {
    let (dy, x) = (ReferenceArray(dy), ReferenceArray(x))
    var dw = ReferenceArray(zeros: g.weightShape)
    eachProduct { dw.values[dw.offset($2)] += dy.values[dy.offset($0)] * x.values[x.offset($1)] }
    return dw
  }
}
