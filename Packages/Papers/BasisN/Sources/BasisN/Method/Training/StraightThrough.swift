import TinyNN
import TinyTensor

/// Straight-through rounding (section 2.5, step 5): the forward pass rounds, the backward pass pretends it did not.
enum StraightThrough {
  /// `mask ∘ α·round(c/α)`; the gradient passes where the mask is 1.
  /// - Parameter clipsGradient: whether coefficients beyond the largest integer get no gradient.
  static func coefficients(_ c: Variable, code: BasisCode, clipsGradient: Bool) -> Variable {
    var rounded = code
    rounded.coefficients = c.value
    let limit = Float(code.configuration.quantizer.maximum)
    var gate = code.mask
    if clipsGradient {
      let atoms = code.configuration.basis
      c.value.withUnsafeBufferPointer { values in
        gate.withUnsafeMutableBufferPointer { gate in
          for (row, step) in code.steps.enumerated() {
            for index in row * atoms..<(row + 1) * atoms where abs(values[index]) > limit * step { gate[index] = 0 }
          }
        }
      }
    }
    let passing = gate
    return Variable.custom("round coefficients", inputs: [c], value: rounded.roundedCoefficients()) {
      gradient, needed in
      needed[0] ? [gradient * passing] : [nil]
    }
  }

  /// `step·round(β/step)`, clipped to the cells' range; the gradient passes (inside the range, if it is clipped).
  static func basis(_ basis: Variable, code: BasisCode, clipsGradient: Bool) -> Variable {
    var rounded = code
    rounded.basis = basis.value
    let limit = Float(code.configuration.maximumLevel) * code.basisStep
    let passing = clipsGradient ? basis.value.map { abs($0) > limit ? 0 : 1 } : nil
    return Variable.custom("round basis", inputs: [basis], value: rounded.roundedBasis()) { gradient, needed in
      needed[0] ? [passing.map { gradient * $0 } ?? gradient] : [nil]
    }
  }
}
