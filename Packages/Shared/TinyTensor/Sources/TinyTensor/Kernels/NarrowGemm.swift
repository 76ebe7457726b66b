import TinyTensorShims

/// Products of floats.
enum FloatGemm {
  static func multiply(
    m: Int, n: Int, k: Int, a: LineView<Float>, b: some RightOperand<Float>, c: UnsafeMutablePointer<Float>,
    rowStrideC: Int, accumulate: Bool
  ) {
    KernelChoice.gemm(
      FloatStep<tt_float_row>.self, m: m, n: n, k: k, a: a, b: b, c: c, rowStrideC: rowStrideC, accumulate: accumulate)
  }
}

/// Products of bfloat16 numbers: pairs of them where the target has the instruction, else numbers widened to float.
enum BFloat16Gemm {
  static func multiply(
    m: Int, n: Int, k: Int, a: UnsafePointer<BFloat16>, rowStrideA: Int, columnStrideA: Int,
    b: UnsafePointer<BFloat16>, rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Float>, rowStrideC: Int,
    accumulate: Bool
  ) {
    if BuildTarget.usesBFloat16Dot {
      KernelChoice.gemm(
        BFloat16Step.self, m: m, n: n, k: (k + 1) / 2,
        a: NarrowView<BFloat16Pairs>(pointer: a, lineStride: rowStrideA, elementStride: columnStrideA, elements: k),
        b: NarrowView<BFloat16Pairs>(pointer: b, lineStride: columnStrideB, elementStride: rowStrideB, elements: k),
        c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    } else {
      KernelChoice.gemm(
        FloatStep<tt_float_row>.self, m: m, n: n, k: k,
        a: NarrowView<WidenedBFloat16>(pointer: a, lineStride: rowStrideA, elementStride: columnStrideA, elements: k),
        b: NarrowView<WidenedBFloat16>(pointer: b, lineStride: columnStrideB, elementStride: rowStrideB, elements: k),
        c: c, rowStrideC: rowStrideC, accumulate: accumulate)
    }
  }
}

/// Products of signed bytes: four of them per lane where the target has the instruction, else two, widened to 16 bits.
enum ByteGemm {
  static func multiply(
    m: Int, n: Int, k: Int, a: UnsafePointer<Int8>, rowStrideA: Int, columnStrideA: Int, b: UnsafePointer<Int8>,
    rowStrideB: Int, columnStrideB: Int, c: UnsafeMutablePointer<Int32>, rowStrideC: Int, accumulate: Bool
  ) {
    if BuildTarget.usesByteDot {
      // The instruction takes unsigned bytes on the left: A is raised by 128, and C starts from what takes that back.
      takeBack(
        m: m, n: n, k: k, b: b, rowStrideB: rowStrideB, columnStrideB: columnStrideB, c: c, rowStrideC: rowStrideC,
        accumulate: accumulate)
      KernelChoice.gemm(
        ByteQuadStep.self, m: m, n: n, k: (k + 3) / 4,
        a: NarrowView<RaisedByteQuads>(pointer: a, lineStride: rowStrideA, elementStride: columnStrideA, elements: k),
        b: NarrowView<ByteQuads>(pointer: b, lineStride: columnStrideB, elementStride: rowStrideB, elements: k), c: c,
        rowStrideC: rowStrideC, accumulate: true)
    } else {
      KernelChoice.gemm(
        Int16PairStep.self, m: m, n: n, k: (k + 1) / 2,
        a: NarrowView<Int16Pairs>(pointer: a, lineStride: rowStrideA, elementStride: columnStrideA, elements: k),
        b: NarrowView<Int16Pairs>(pointer: b, lineStride: columnStrideB, elementStride: rowStrideB, elements: k), c: c,
        rowStrideC: rowStrideC, accumulate: accumulate)
    }
  }

  /// Adds −128 · Σ over the depth of B to every row of C, or starts C from it.
  private static func takeBack(
    m: Int, n: Int, k: Int, b: UnsafePointer<Int8>, rowStrideB: Int, columnStrideB: Int,
    c: UnsafeMutablePointer<Int32>, rowStrideC: Int, accumulate: Bool
  ) {
    withScratch(Int32.self, count: n) { start in
      start.update(repeating: 0, count: n)
      parallelRanges(n, grain: max(1, 32_768 / k)) { columns in
        for step in 0..<k {
          let row = b + step * rowStrideB
          for column in columns { start[column] &-= Int32(row[column * columnStrideB]) &<< 7 }
        }
      }
      parallelRanges(m, grain: max(1, 32_768 / n), alignment: 1) { rows in
        for row in rows {
          let target = c + row * rowStrideC
          if accumulate {
            for column in 0..<n { target[column] &+= start[column] }
          } else {
            target.update(from: start, count: n)
          }
        }
      }
    }
  }
}
