/// What happens to a finished element of a convolution before it is stored: `relu?(sum + bias + residual)`.
struct Epilogue {
  /// One value per output channel.
  var bias: UnsafePointer<Float>?
  /// Laid out like the output.
  var residual: UnsafePointer<Float>?
  var relu = false

  static var none: Epilogue { Epilogue() }

  @inline(__always) var isNone: Bool { bias == nil && residual == nil && !relu }
}

/// Moves rows of register tiles to memory, whole or in part.
enum TileStore {
  /// Writes the first `width` lanes.
  @inline(__always)
  static func storePart<V: SIMD>(_ value: V, _ pointer: UnsafeMutablePointer<Float>, width: Int)
  where V.Scalar == Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: V.scalarCount) { spill in
      guard let lanes = spill.baseAddress else { return }
      storeRow(value, lanes)
      copyPart(lanes, pointer, width: width)
    }
  }

  /// Writes sixteen lanes, or the first `width` if that is less.
  @inline(__always)
  static func storeUpTo16(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>, width: Int) {
    if width >= 16 { storeRow(value, pointer) } else { storePart(value, pointer, width: width) }
  }

  /// Writes eight lanes, or the first `width` if that is less.
  @inline(__always)
  static func storeUpTo8(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, width: Int) {
    if width >= 8 { storeRow(value, pointer) } else { storePart(value, pointer, width: width) }
  }

  /// Reads the first `width` lanes; the others are zero.
  @inline(__always)
  static func loadPart<V: SIMD>(_ pointer: UnsafePointer<V.Scalar>, width: Int) -> V where V.Scalar: TileWord {
    withUnsafeTemporaryAllocation(of: V.Scalar.self, capacity: V.scalarCount) { spill in
      guard let lanes = spill.baseAddress else { return V() }
      storeRow(V(), lanes)
      copyPart(pointer, lanes, width: width)
      return loadRow(lanes)
    }
  }

  /// Copies `width` < 64 lanes in at most six moves.
  @inline(__always)
  static func copyPart<Word: TileWord>(
    _ source: UnsafePointer<Word>, _ target: UnsafeMutablePointer<Word>, width: Int
  ) {
    var done = 0
    if width & 32 != 0 {
      storeRow(loadRow(source) as SIMD32<Word>, target)
      done = 32
    }
    if width & 16 != 0 {
      storeRow(loadRow(source + done) as SIMD16<Word>, target + done)
      done += 16
    }
    if width & 8 != 0 {
      storeRow(loadRow(source + done) as SIMD8<Word>, target + done)
      done += 8
    }
    if width & 4 != 0 {
      storeRow(loadRow(source + done) as SIMD4<Word>, target + done)
      done += 4
    }
    if width & 2 != 0 {
      storeRow(loadRow(source + done) as SIMD2<Word>, target + done)
      done += 2
    }
    if width & 1 != 0 { target[done] = source[done] }
  }

  /// Stores the rows of a tile at `c + offset(row)`: `height` rows of `width` lanes.
  @inline(__always)
  static func store<Kernel: MicroKernel>(
    _ kernel: Kernel.Type, _ tile: Kernel.Tile, _ c: UnsafeMutablePointer<Kernel.Word>, height: Int, width: Int,
    accumulate: Bool, offset: (Int) -> Int
  ) {
    if height == Kernel.rows && width == Kernel.columns {
      if accumulate {
        Kernel.forEachRow(tile) { row, value in
          let target = c + offset(row)
          storeRow(Kernel.Step.add(loadRow(target), value), target)
        }
      } else {
        Kernel.forEachRow(tile) { row, value in storeRow(value, c + offset(row)) }
      }
    } else {
      storeEdge(kernel, tile, c, height: height, width: width, accumulate: accumulate, offset: offset)
    }
  }

  @inline(__always)
  private static func storeEdge<Kernel: MicroKernel>(
    _ kernel: Kernel.Type, _ tile: Kernel.Tile, _ c: UnsafeMutablePointer<Kernel.Word>, height: Int, width: Int,
    accumulate: Bool, offset: (Int) -> Int
  ) {
    withUnsafeTemporaryAllocation(of: Kernel.Word.self, capacity: Kernel.rows * Kernel.columns) { spill in
      guard let lanes = spill.baseAddress else { return }
      Kernel.forEachRow(tile) { row, value in storeRow(value, lanes + row * Kernel.columns) }
      for row in 0..<height {
        let target = c + offset(row)
        let line = lanes + row * Kernel.columns
        if accumulate {
          let before: Kernel.Row = width == Kernel.columns ? loadRow(target) : loadPart(target, width: width)
          storeRow(Kernel.Step.add(loadRow(line), before), line)
        }
        if width == Kernel.columns {
          storeRow(loadRow(line) as Kernel.Row, target)
        } else {
          copyPart(line, target, width: width)
        }
      }
    }
  }

  /// As `store`, with the epilogue applied; bias and residual are already moved to the tile's first channel.
  @inline(__always)
  static func finish<Kernel: MicroKernel>(
    _ kernel: Kernel.Type, _ tile: Kernel.Tile, _ c: UnsafeMutablePointer<Float>, height: Int, width: Int,
    accumulate: Bool, epilogue: Epilogue, offsets: UnsafePointer<Int>
  ) where Kernel.Row.Scalar == Float {
    if height == Kernel.rows && width == Kernel.columns {
      let bias: Kernel.Row = epilogue.bias.map { loadRow($0) } ?? Kernel.Row()
      Kernel.forEachRow(tile) { row, sum in
        let target = c + offsets[row]
        var value = sum + bias
        if accumulate { value += loadRow(target) }
        if let residual = epilogue.residual { value += loadRow(residual + offsets[row]) }
        storeRow(rectified(value, epilogue.relu), target)
      }
    } else {
      finishEdge(
        kernel, tile, c, height: height, width: width, accumulate: accumulate, epilogue: epilogue, offsets: offsets)
    }
  }

  /// The value, or its positive part. The generic maximum is vectorised only against a constant; a NaN passes.
  @inline(__always)
  private static func rectified<V: SIMD>(_ value: V, _ relu: Bool) -> V where V.Scalar == Float {
    relu ? pointwiseMax(value, V()) : value
  }

  @inline(never)
  private static func finishEdge<Kernel: MicroKernel>(
    _ kernel: Kernel.Type, _ tile: Kernel.Tile, _ c: UnsafeMutablePointer<Float>, height: Int, width: Int,
    accumulate: Bool, epilogue: Epilogue, offsets: UnsafePointer<Int>
  ) where Kernel.Row.Scalar == Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: (Kernel.rows + 1) * Kernel.columns) { spill in
      guard let lanes = spill.baseAddress else { return }
      Kernel.forEachRow(tile) { row, value in storeRow(value, lanes + row * Kernel.columns) }
      let biasLanes = lanes + Kernel.rows * Kernel.columns
      storeRow(Kernel.Row(), biasLanes)
      if let bias = epilogue.bias { copyPart(bias, biasLanes, width: width) }
      let bias: Kernel.Row = loadRow(biasLanes)
      for row in 0..<height {
        let target = c + offsets[row]
        let line = lanes + row * Kernel.columns
        var value: Kernel.Row = loadRow(line) + bias
        if accumulate { value += loadPart(target, width: width) }
        if let residual = epilogue.residual { value += loadPart(residual + offsets[row], width: width) }
        storeRow(rectified(value, epilogue.relu), line)
        copyPart(line, target, width: width)
      }
    }
  }
}
