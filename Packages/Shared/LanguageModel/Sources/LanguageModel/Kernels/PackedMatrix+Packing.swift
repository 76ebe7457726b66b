import LanguageModelShims
import TinyTensor

extension PackedMatrix {
  /// Packs a matrix of a model file without changing any weight. Types without a panel format of their own (Q6_K, whose blocks
  /// are 16 wide, F16, BF16) become floats.
  convenience init(_ matrix: QuantizedMatrix) {
    let layout = SourceBlock(matrix.type)
    // -8·d, the minimum that stands for Q4_0's offset, must not overflow binary16.
    let isWide = layout?.isSuperBlock == true || (matrix.type == .q4_0 && Self.hasHugeScale(matrix))
    self.init(
      rows: matrix.rows, columns: matrix.columns, format: layout?.format ?? .float, wideScales: isWide,
      hasMinima: layout?.hasMinima ?? false)
    parallelFor(panelCount) { panel in
      if let layout {
        packBlocks(matrix, layout, panel: panel)
      } else {
        packFloats(panel: panel) { row, target in matrix.dequantizeRow(row, into: target) }
      }
    }
  }

  /// Packs a dense matrix `[rows, columns]`.
  convenience init(_ tensor: Tensor) {
    precondition(tensor.rank == 2, "a weight matrix has two dimensions, got \(tensor.shape)")
    self.init(
      rows: tensor.shape[0], columns: tensor.shape[1], format: .float, wideScales: false, hasMinima: false)
    tensor.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      parallelFor(panelCount) { panel in
        packFloats(panel: panel) { row, target in target.update(from: base + row * columns, count: columns) }
      }
    }
  }

  private func packFloats(panel: Int, row read: (Int, UnsafeMutablePointer<Float>) -> Void) {
    let target = UnsafeMutableRawPointer(mutablePanel(panel)).assumingMemoryBound(to: Float.self)
    withScratch(Float.self, count: columns) { line in
      for lane in 0..<Self.panelRows {
        let row = panel * Self.panelRows + lane
        if row < rows { read(row, line) } else { line.update(repeating: 0, count: columns) }
        for column in 0..<columns { target[column * Self.panelRows + lane] = line[column] }
      }
    }
  }

  private func packBlocks(_ matrix: QuantizedMatrix, _ layout: SourceBlock, panel: Int) {
    let target = mutablePanel(panel)
    if panel * Self.panelRows + Self.panelRows > rows { target.update(repeating: 0, count: panelBytes) }
    let source = matrix.bytes.assumingMemoryBound(to: UInt8.self)
    // Locals, because a closure that captures `self` retains it for every block.
    let (groups, blockBytes, codeBytes, scaleBytes) = (codeBytes / 32, blockBytes, codeBytes, scaleBytes)
    let (hasMinima, wideScales) = (hasMinima, wideScales)
    // The second panel of the last tile may lie behind the last row altogether.
    for lane in 0..<max(0, min(Self.panelRows, rows - panel * Self.panelRows)) {
      let line = source + (panel * Self.panelRows + lane) * matrix.rowBytes
      var output = target
      for block in 0..<blockCount {
        let scales = layout.read(line, block: block) { [output] codes in
          for group in 0..<groups {
            let word = UnsafeRawPointer(codes + 4 * group).loadUnaligned(as: UInt32.self)
            UnsafeMutableRawPointer(output).storeBytes(of: word, toByteOffset: 32 * group + 4 * lane, as: UInt32.self)
          }
        }
        Self.put(scales.scale, output + codeBytes, lane, wide: wideScales)
        if hasMinima { Self.put(scales.minimum, output + codeBytes + scaleBytes, lane, wide: wideScales) }
        output += blockBytes
      }
    }
  }

  @inline(__always)
  private static func put(_ value: Float, _ target: UnsafeMutablePointer<UInt8>, _ lane: Int, wide: Bool) {
    let raw = UnsafeMutableRawPointer(target)
    if wide {
      raw.storeBytes(of: value, toByteOffset: 4 * lane, as: Float.self)
    } else {
      raw.storeBytes(of: HalfPrecision.encodeFloat16(value), toByteOffset: 2 * lane, as: UInt16.self)
    }
  }

  private static func hasHugeScale(_ matrix: QuantizedMatrix) -> Bool {
    let blocks = matrix.rows * matrix.columns / 32
    return (0..<blocks).contains { block in
      let bits = matrix.bytes.loadUnaligned(fromByteOffset: block * 18, as: UInt16.self)
      return abs(HalfPrecision.decodeFloat16(bits)) > 8000
    }
  }
}

/// How to find the codes, scale and minimum of block `i` (32 columns) in a row of a quantised file type.
///
/// Codes of nibble types come out as 16 bytes, column j low and column 16+j high; others as 32 signed bytes.
private struct SourceBlock {
  let type: TensorType
  let format: PanelFormat
  let hasMinima: Bool
  let isSuperBlock: Bool

  init?(_ type: TensorType) {
    self.type = type
    switch type {
    case .q4_0, .q4_1, .q4_K: format = .nibble
    case .q5_0, .q5_1, .q5_K, .q8_0: format = .byte
    default: return nil
    }
    hasMinima = type != .q5_0 && type != .q8_0
    isSuperBlock = type == .q4_K || type == .q5_K
  }

  @inline(__always)
  func read(
    _ row: UnsafePointer<UInt8>, block: Int, _ codes: (UnsafePointer<UInt8>) -> Void
  ) -> (scale: Float, minimum: Float) {
    switch type {
    case .q4_1:
      let source = row + block * 20
      codes(source + 4)
      return (Self.half(source), Self.half(source + 2))
    case .q4_0:
      let source = row + block * 18
      codes(source + 2)
      let scale = Self.half(source)
      return (scale, -8 * scale)
    case .q8_0:
      let source = row + block * 34
      codes(source + 2)
      return (Self.half(source), 0)
    case .q5_0:
      let source = row + block * 22
      Self.fiveBits(high: source + 2, low: source + 6, offset: 16, codes)
      return (Self.half(source), 0)
    case .q5_1:
      let source = row + block * 24
      Self.fiveBits(high: source + 4, low: source + 8, offset: 0, codes)
      return (Self.half(source), Self.half(source + 2))
    case .q4_K:
      return Self.superBlockFour(row + block / 8 * 144, block % 8, codes)
    default:
      return Self.superBlockFive(row + block / 8 * 176, block % 8, codes)
    }
  }

  @inline(__always)
  private static func half(_ pointer: UnsafePointer<UInt8>) -> Float {
    HalfPrecision.decodeFloat16(UnsafeRawPointer(pointer).loadUnaligned(as: UInt16.self))
  }

  private static func fiveBits(
    high: UnsafePointer<UInt8>, low: UnsafePointer<UInt8>, offset: Int, _ codes: (UnsafePointer<UInt8>) -> Void
  ) {
    let bits = UnsafeRawPointer(high).loadUnaligned(as: UInt32.self)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
      for j in 0..<16 {
        let first = Int(low[j] & 15) | Int(bits >> UInt32(j) & 1) << 4
        let second = Int(low[j] >> 4) | Int(bits >> UInt32(j + 16) & 1) << 4
        buffer[j] = UInt8(bitPattern: Int8(first - offset))
        buffer[16 + j] = UInt8(bitPattern: Int8(second - offset))
      }
      if let base = buffer.baseAddress { codes(base) }
    }
  }

  /// The 6-bit scale and minimum of sub-block `j` of a Q4_K or Q5_K super-block.
  private static func scaleAndMinimum(_ source: UnsafePointer<UInt8>, _ j: Int) -> (scale: Float, minimum: Float) {
    let packed = source + 4
    let codes: (UInt8, UInt8)
    if j < 4 {
      codes = (packed[j] & 63, packed[j + 4] & 63)
    } else {
      codes = (
        packed[j + 4] & 15 | (packed[j - 4] >> 6) << 4,
        packed[j + 4] >> 4 | (packed[j] >> 6) << 4
      )
    }
    return (half(source) * Float(codes.0), -(half(source + 2) * Float(codes.1)))
  }

  private static func superBlockFour(
    _ source: UnsafePointer<UInt8>, _ j: Int, _ codes: (UnsafePointer<UInt8>) -> Void
  ) -> (scale: Float, minimum: Float) {
    let nibbles = source + 16 + j / 2 * 32
    let shift = UInt8(j % 2 * 4)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { buffer in
      for i in 0..<16 { buffer[i] = nibbles[i] >> shift & 15 | (nibbles[16 + i] >> shift & 15) << 4 }
      if let base = buffer.baseAddress { codes(base) }
    }
    return scaleAndMinimum(source, j)
  }

  private static func superBlockFive(
    _ source: UnsafePointer<UInt8>, _ j: Int, _ codes: (UnsafePointer<UInt8>) -> Void
  ) -> (scale: Float, minimum: Float) {
    let high = source + 16
    let nibbles = source + 48 + j / 2 * 32
    let shift = UInt8(j % 2 * 4)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
      for i in 0..<32 { buffer[i] = nibbles[i] >> shift & 15 | (high[i] >> UInt8(j) & 1) << 4 }
      if let base = buffer.baseAddress { codes(base) }
    }
    return scaleAndMinimum(source, j)
  }
}
