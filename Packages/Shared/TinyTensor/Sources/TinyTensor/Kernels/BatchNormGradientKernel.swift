/// The gradient of batch normalisation, with what was added to it and the activation behind, over a row-major `[rows, channels]`
/// matrix.
///
/// Two passes over memory. The first pulls the gradient back through the activation, in place, and sums it up; the second makes the
/// gradient of the input. What the activation was applied to is computed once more from `x`, which is cheaper than to read it.
struct BatchNormGradientKernel {
  typealias Vector = SIMD8<Float>

  let x: UnsafePointer<Float>
  let residual: UnsafePointer<Float>?
  let rows: Int
  let channels: Int
  // Per channel.
  let mean: UnsafePointer<Float>
  let inverse: UnsafePointer<Float>
  let weight: UnsafePointer<Float>?
  let bias: UnsafePointer<Float>?
  /// Whether mean and variance depend on `x`; else they are numbers like any other.
  let isTraining: Bool

  /// Turns the gradient of the output into that of the sum before the activation, and writes the gradients of weight and bias.
  func pullBack(
    _ activation: FusedActivation, _ gradient: UnsafeMutablePointer<Float>, dweight: UnsafeMutablePointer<Float>,
    dbias: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0 && channels > 0 else {
      dweight.update(repeating: 0, count: channels)
      dbias.update(repeating: 0, count: channels)
      return
    }
    switch activation {
    case .identity: pullBack(IdentityFunction.self, gradient, dweight: dweight, dbias: dbias)
    case .relu: pullBack(RectifierFunction.self, gradient, dweight: dweight, dbias: dbias)
    case .gelu: pullBack(GaussianErrorUnit.self, gradient, dweight: dweight, dbias: dbias)
    }
  }

  /// Writes the gradient of `x`, given that of the sum before the activation; `dx` may be the same memory.
  ///
  ///     dx = s · dy − (x − mean) · s · inverse · dweight / n − s · dbias / n    with s = weight · inverse
  func inputGradient(
    _ gradient: UnsafePointer<Float>, dweight: UnsafePointer<Float>, dbias: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0 && channels > 0 else { return }
    let pattern = ChannelPattern(channels: channels)
    let scale = { (channel: Int) in (weight?[channel] ?? 1) * inverse[channel] }
    withScratch(Float.self, count: 4 * pattern.period) { factors in
      let (first, second, third, means) = (
        factors, factors + pattern.period, factors + 2 * pattern.period, factors + 3 * pattern.period
      )
      pattern.fill(first, scale)
      guard isTraining else {
        pattern.forEachBlock(rows: rows) { start, width in
          VectorLoop.run(start, width, into: dx) { offset, lane in
            loadRow(gradient + offset) * loadRow(first + lane)
          }
        }
        return
      }
      pattern.fill(second) { -scale($0) * inverse[$0] * dweight[$0] / Float(rows) }
      pattern.fill(third) { -scale($0) * dbias[$0] / Float(rows) }
      pattern.fill(means) { mean[$0] }
      pattern.forEachBlock(rows: rows) { start, width in
        VectorLoop.run(start, width, into: dx) { offset, lane in
          let centered: Vector = loadRow(x + offset) - loadRow(means + lane)
          let rest: Vector = multiplyAdd(loadRow(third + lane), centered, loadRow(second + lane))
          return multiplyAdd(rest, loadRow(gradient + offset), loadRow(first + lane))
        }
      }
    }
  }

  /// The first pass, in fixed chunks.
  private func pullBack<Function: ActivationFunction>(
    _ function: Function.Type, _ gradient: UnsafeMutablePointer<Float>, dweight: UnsafeMutablePointer<Float>,
    dbias: UnsafeMutablePointer<Float>
  ) {
    let pattern = ChannelPattern(channels: channels)
    withScratch(Double.self, count: 2 * ReductionChunks.count * channels) { partial in
      pattern.withRepeated(mean) { means in
        BatchNormAffine.with(pattern, mean: mean, inverse: inverse, weight: weight, bias: bias) { scale, shift in
          parallelFor(ReductionChunks.count) { chunk in
            LaneSums.pairs(
              pattern, rows: ReductionChunks.range(chunk, of: rows), into: partial + 2 * chunk * channels,
              partial + (2 * chunk + 1) * channels
            ) { offset, lane, width in
              let sum = BatchNormAffine.value(x, offset, scale: scale, shift: shift, lane: lane, residual: residual)
              let value = Function.pullBack(loadRow(gradient + offset), at: sum)
              if !Function.isIdentity { TileStore.storeUpTo8(value, gradient + offset, width: width) }
              return (value, value * (loadRow(x + offset) - loadRow(means + lane)))
            }
          }
        }
      }
      for channel in 0..<channels {
        var (sum, product) = (0.0, 0.0)
        for chunk in 0..<ReductionChunks.count {
          sum += partial[2 * chunk * channels + channel]
          product += partial[(2 * chunk + 1) * channels + channel]
        }
        dbias[channel] = Float(sum)
        dweight[channel] = Float(product * Double(inverse[channel]))
      }
    }
  }
}
