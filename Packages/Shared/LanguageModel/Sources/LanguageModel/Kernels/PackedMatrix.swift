import LanguageModelShims
import TinyTensor

/// How the weights of a packed matrix are coded.
enum PanelFormat: Sendable {
  /// 4 bits with a scale and a minimum per block of 32: w = d·q + m, q in 0...15.
  case nibble
  /// 8 bits, signed, with a scale and a minimum per block of 32: w = d·q + m, q in -127...127.
  case byte
  /// Plain floats.
  case float
}

/// A weight matrix `[rows = outputs, columns = inputs]`, rearranged once at load for the kernels: same bits per weight, other
/// order.
///
/// Rows are grouped in *panels* of 8 (the lanes of a vector); a panel is a sequence of blocks of 32 columns. In a quantised
/// block each group of 32 bytes holds four consecutive columns of all 8 rows, so that one load feeds one multiply-add over
/// 8 rows with the four activations broadcast, and no sum across lanes is ever needed:
///
/// ```
/// nibble block: 4 × 32 bytes, byte 4·row + j of group g = column 4g+j (low) and 16+4g+j (high nibble); 8 scales; 8 minima
/// byte block:   8 × 32 bytes, byte 4·row + j of group g = column 4g+j;                                 8 scales; 8 minima
/// float panel:  columns × 8 floats (no blocks)
/// ```
///
/// Scales and minima are binary16 where the file has binary16, else float (K-quants, whose scales are products). Rows are padded
/// with zero weights to a multiple of ``tileRows``.
final class PackedMatrix: @unchecked Sendable {
  /// Rows of a panel.
  static let panelRows = 8
  /// Rows that the kernels compute together: two panels.
  static let tileRows = 16
  /// Columns of a quantised block.
  static let blockColumns = 32

  let rows: Int
  let columns: Int
  let format: PanelFormat
  /// Whether scales and minima are floats instead of binary16.
  let wideScales: Bool
  /// Whether byte blocks have minima; nibble blocks always do.
  let hasMinima: Bool
  /// Bytes of the codes of one block of a panel.
  let codeBytes: Int
  /// Bytes of eight scales.
  let scaleBytes: Int
  /// Bytes from one block of a panel to the next.
  let blockBytes: Int
  /// Bytes from one panel to the next.
  let panelBytes: Int
  private let storage: UnsafeMutableRawPointer

  var panelCount: Int { tileCount * 2 }
  var tileCount: Int { (rows + Self.tileRows - 1) / Self.tileRows }
  var blockCount: Int { columns / Self.blockColumns }
  /// Bytes of all panels.
  var byteCount: Int { panelBytes * panelCount }

  init(rows: Int, columns: Int, format: PanelFormat, wideScales: Bool, hasMinima: Bool) {
    precondition(format == .float || columns % Self.blockColumns == 0, "\(columns) columns are no multiple of 32")
    self.rows = rows
    self.columns = columns
    self.format = format
    self.wideScales = wideScales
    self.hasMinima = hasMinima || format == .nibble
    codeBytes = format == .nibble ? 128 : 256
    scaleBytes = wideScales ? 32 : 16
    blockBytes = codeBytes + scaleBytes * (self.hasMinima ? 2 : 1)
    panelBytes = format == .float ? columns * Self.panelRows * 4 : columns / Self.blockColumns * blockBytes
    let panels = (rows + Self.tileRows - 1) / Self.tileRows * 2
    storage = .allocate(byteCount: max(64, panelBytes * panels), alignment: 64)
  }

  deinit { storage.deallocate() }

  @inline(__always)
  func panel(_ index: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(storage.assumingMemoryBound(to: UInt8.self) + index * panelBytes)
  }

  @inline(__always)
  func mutablePanel(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    storage.assumingMemoryBound(to: UInt8.self) + index * panelBytes
  }

  /// Eight scales or minima.
  @inline(__always)
  static func scales(_ pointer: UnsafePointer<UInt8>, wide: Bool) -> Float8 {
    let raw = UnsafeRawPointer(pointer)
    if wide { return raw.loadUnaligned(as: Float8.self) }
    return lm_half_to_float(raw.loadUnaligned(as: SIMD8<UInt16>.self))
  }

  /// Writes panel `index` as floats, `target[column * stride + lane]`, exactly as the reference decoder does: d·q, then + m.
  func unpack(panel index: Int, into target: UnsafeMutablePointer<Float>, stride: Int) {
    var source = panel(index)
    var output = target
    switch format {
    case .float:
      let floats = UnsafeRawPointer(source).assumingMemoryBound(to: Float.self)
      for column in 0..<columns { store8(load8(floats + column * 8), output + column * stride) }
    case .nibble:
      for _ in 0..<blockCount {
        let scale = Self.scales(source + 128, wide: wideScales)
        let minimum = Self.scales(source + 128 + scaleBytes, wide: wideScales)
        for group in 0..<4 {
          let bytes = lm_load_bytes(source + 32 * group)
          let low = lm_low_nibbles(bytes)
          let high = lm_high_nibbles(bytes)
          for j in 0..<4 {
            store8(scale * lm_unsigned_byte(low, Int32(j)) + minimum, output + (4 * group + j) * stride)
            store8(scale * lm_unsigned_byte(high, Int32(j)) + minimum, output + (16 + 4 * group + j) * stride)
          }
        }
        source += blockBytes
        output += 32 * stride
      }
    case .byte:
      for _ in 0..<blockCount {
        let scale = Self.scales(source + 256, wide: wideScales)
        let minimum = hasMinima ? Self.scales(source + 256 + scaleBytes, wide: wideScales) : .zero
        for group in 0..<8 {
          let bytes = lm_load_bytes(source + 32 * group)
          for j in 0..<4 {
            let product = scale * lm_signed_byte(bytes, Int32(j))
            store8(hasMinima ? product + minimum : product, output + (4 * group + j) * stride)
          }
        }
        source += blockBytes
        output += 32 * stride
      }
    }
  }

  /// Writes row `row` as floats.
  func unpackRow(_ row: Int, into target: UnsafeMutablePointer<Float>) {
    let lane = row % Self.panelRows
    var source = panel(row / Self.panelRows)
    if format == .float {
      let floats = UnsafeRawPointer(source).assumingMemoryBound(to: Float.self)
      for column in 0..<columns { target[column] = floats[column * 8 + lane] }
      return
    }
    for block in 0..<blockCount {
      let scale = Self.scales(source + codeBytes, wide: wideScales)[lane]
      let minimum = hasMinima ? Self.scales(source + codeBytes + scaleBytes, wide: wideScales)[lane] : 0
      let output = target + block * 32
      for group in 0..<(format == .nibble ? 4 : 8) {
        for j in 0..<4 {
          let code = source[32 * group + 4 * lane + j]
          if format == .nibble {
            output[4 * group + j] = scale * Float(code & 15) + minimum
            output[16 + 4 * group + j] = scale * Float(code >> 4) + minimum
          } else {
            let product = scale * Float(Int8(bitPattern: code))
            output[4 * group + j] = hasMinima ? product + minimum : product
          }
        }
      }
      source += blockBytes
    }
  }

  /// All weights as floats, `[rows, columns]`.
  func unpacked() -> Tensor {
    var result = Tensor(uninitialized: [rows, columns])
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      parallelFor(rows) { row in unpackRow(row, into: base + row * columns) }
    }
    return result
  }
}
