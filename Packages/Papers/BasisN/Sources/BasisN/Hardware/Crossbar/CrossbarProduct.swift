import TinyTensor

/// A layer's arithmetic on programmed crossbars: word lines driven digit by digit, lines or columns converted, shifted and
/// added.
///
/// With the analog combiner a line carries `Σ_{j ∈ S(o,t)} ±column_j`. Because the array is linear, the line's own effective
/// column is formed once (`[rows, kernels]` per coefficient bit), and a window costs one matrix product per bit and input digit.
/// With ideal cells and no converters the result equals ``ExactProduct``.
struct CrossbarProduct: WindowProduct {
  /// Lines that one conversion bank reads: a coefficient bit of all kernels, or all columns.
  struct Bank: Sendable {
    /// Effective levels `[rows, lines]`.
    let levels: Tensor
    /// Variance per squared input `[rows, lines]`, if reads are noisy.
    let variances: Tensor?
    /// Sum per converter code; nil converts exactly.
    let step: Float?
    /// Lines that exist: kernels without the bit are not converted.
    let lineCount: Int
    /// Factor of the sum in the kernel's register.
    let weight: Float
  }

  /// One slice of one group.
  struct Slice: Sendable {
    let rows: Range<Int>
    let banks: [Bank]
    /// `[columns, kernels]` integer coefficients when columns are converted; nil when lines belong to kernels.
    let combination: Tensor?
    let scales: [Float]
    let offsets: [Float]
  }

  let slices: [[Slice]]
  let kernels: Int
  let inputBits: Int
  let dacBits: Int
  let maximumCode: Int
  let seed: UInt64
  let statistics: ConversionStatistics

  var needsKeys: Bool { slices.contains { $0.contains { $0.banks.contains { $0.variances != nil } } } }

  func product(_ windows: Tensor, group: Int, keys: [UInt64]) -> Tensor {
    var result = Tensor(zeros: [windows.shape[0], kernels])
    for (position, slice) in slices[group].enumerated() {
      var sum = Tensor(zeros: result.shape)
      for cycle in 0..<Self.cycles(inputBits: inputBits, dacBits: dacBits) {
        let digits = Self.digits(windows, slice.rows, cycle: cycle, bits: dacBits, inputBits: inputBits)
        for (index, bank) in slice.banks.enumerated() {
          let salt = seed &+ UInt64((group * slices[group].count + position) * 64 + cycle * 8 + index)
          var lines = read(digits, bank, keys: keys, salt: salt)
          if let combination = slice.combination { lines = matmul(lines, combination) }
          sum.add(lines, scaledBy: bank.weight * Float(1 << (cycle * dacBits)))
        }
      }
      SliceKernel.accumulate(sum, offsets: slice.offsets, scales: slice.scales, into: &result)
    }
    return result
  }

  /// Sums of a bank's lines, noisy and converted.
  private func read(_ digits: Tensor, _ bank: Bank, keys: [UInt64], salt: UInt64) -> Tensor {
    var lines = matmul(digits, bank.levels)
    if let variances = bank.variances {
      let spread = matmul(digits * digits, variances)
      let rowsPerImage = digits.shape[0] / max(1, keys.count)
      var parts: [Tensor] = []
      for (image, key) in keys.enumerated() {
        let range = image * rowsPerImage..<(image + 1) * rowsPerImage
        var part = lines.slice(range)
        ReadNoiseKernel.add(
          to: &part, variances: spread.slice(range), seed: seed, key: key &+ (salt &* 0x2545_f491_4f6c_dd1d), cycle: 0)
        parts.append(part)
      }
      lines = Tensor.concatenatedFirst(parts)
    }
    guard let step = bank.step else {
      statistics.record(conversions: digits.shape[0] * bank.lineCount, clipped: 0)
      return lines
    }
    let clipped = ConversionStatistics(layer: "")
    lines.withUnsafeMutableBufferPointer { lines in
      guard let base = lines.baseAddress else { return }
      parallelRanges(lines.count) { range in
        let count = ConverterKernel.convert(
          base + range.lowerBound, count: range.count, step: step, maximumCode: maximumCode)
        clipped.record(conversions: count, clipped: 0)
      }
    }
    statistics.record(conversions: digits.shape[0] * bank.lineCount, clipped: clipped.total)
    return lines
  }

  /// Cycles that the word lines need for an input.
  static func cycles(inputBits: Int, dacBits: Int) -> Int { (inputBits + dacBits - 1) / dacBits }

  /// One digit of the inputs of a slice, `[windows, rows]`.
  static func digits(_ windows: Tensor, _ rows: Range<Int>, cycle: Int, bits: Int, inputBits: Int) -> Tensor {
    let part = windows.lastDimensionSlice(rows)
    guard bits < inputBits else { return part }
    let base = Float(1 << bits)
    let divisor = Float(1 << (cycle * bits))
    return part.map { value in
      let shifted = (value / divisor).rounded(.down)
      return shifted - base * (shifted / base).rounded(.down)
    }
  }
}
