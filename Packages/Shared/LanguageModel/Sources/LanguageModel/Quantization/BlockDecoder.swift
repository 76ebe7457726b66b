import TinyTensor

/// Decodes the block formats of GGUF, each by its formula, one weight at a time.
///
/// This is the slow, readable reference: what the kernels of the forward pass are tested against, and fast enough for
/// looking up an embedding row or converting a file.
package enum BlockDecoder {
  /// Decodes consecutive blocks.
  ///
  /// - Parameters:
  ///   - type: The format.
  ///   - bytes: Whole blocks.
  ///   - output: As many weights as the blocks hold.
  package static func decode(
    _ type: TensorType, _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>
  ) {
    let blocks = bytes.count / type.bytesPerBlock
    precondition(output.count == blocks * type.blockSize, "\(blocks) \(type.name) blocks into \(output.count) weights")
    for index in 0..<blocks {
      let block = Block(bytes: bytes, start: index * type.bytesPerBlock)
      let start = index * type.blockSize
      let weights = UnsafeMutableBufferPointer(rebasing: output[start..<start + type.blockSize])
      switch type {
      case .f32: weights[0] = Float(bitPattern: block.uint32(at: 0))
      case .f16: weights[0] = block.float16(at: 0)
      case .bf16: weights[0] = HalfPrecision.decodeBFloat16(block.uint16(at: 0))
      case .q8_0: decodeQ8(block, weights)
      case .q4_0: decodeQ4(block, weights, quants: 2, scale: block.float16(at: 0), offset: -8 * block.float16(at: 0))
      case .q4_1: decodeQ4(block, weights, quants: 4, scale: block.float16(at: 0), offset: block.float16(at: 2))
      case .q5_0: decodeQ5(block, weights, high: 2, scale: block.float16(at: 0), offset: -16 * block.float16(at: 0))
      case .q5_1: decodeQ5(block, weights, high: 4, scale: block.float16(at: 0), offset: block.float16(at: 2))
      case .q4_K: decodeQ45K(block, weights, high: nil, low: 16)
      case .q5_K: decodeQ45K(block, weights, high: 16, low: 48)
      case .q6_K: decodeQ6K(block, weights)
      }
    }
  }

  /// One block, read by byte position.
  private struct Block {
    let bytes: UnsafeRawBufferPointer
    let start: Int

    func uint8(at position: Int) -> UInt8 { bytes[start + position] }
    func int8(at position: Int) -> Int8 { Int8(bitPattern: bytes[start + position]) }
    func uint16(at position: Int) -> UInt16 {
      UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start + position, as: UInt16.self))
    }
    func uint32(at position: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + position, as: UInt32.self))
    }
    func float16(at position: Int) -> Float { HalfPrecision.decodeFloat16(uint16(at: position)) }
  }

  /// d: float16, 32 × int8: w = d·q.
  private static func decodeQ8(_ block: Block, _ weights: UnsafeMutableBufferPointer<Float>) {
    let scale = block.float16(at: 0)
    for index in 0..<32 { weights[index] = scale * Float(block.int8(at: 2 + index)) }
  }

  /// 16 bytes from `quants` on: the low nibbles are weights 0…15, the high ones 16…31; w = d·q + m.
  private static func decodeQ4(
    _ block: Block, _ weights: UnsafeMutableBufferPointer<Float>, quants: Int, scale: Float, offset: Float
  ) {
    for index in 0..<16 {
      let byte = block.uint8(at: quants + index)
      weights[index] = scale * Float(byte & 15) + offset
      weights[index + 16] = scale * Float(byte >> 4) + offset
    }
  }

  /// 32 fifth bits at `high`, behind them nibbles as in Q4: w = d·q + m.
  private static func decodeQ5(
    _ block: Block, _ weights: UnsafeMutableBufferPointer<Float>, high: Int, scale: Float, offset: Float
  ) {
    let fifth = block.uint32(at: high)
    for index in 0..<16 {
      let byte = UInt32(block.uint8(at: high + 4 + index))
      let lower = byte & 15 | (fifth >> UInt32(index) & 1) << 4
      let upper = byte >> 4 | (fifth >> UInt32(index + 16) & 1) << 4
      weights[index] = scale * Float(lower) + offset
      weights[index + 16] = scale * Float(upper) + offset
    }
  }

  /// Q4_K and Q5_K. d, dmin: float16; twelve bytes with eight 6-bit (scale, offset) pairs; for Q5_K 32 bytes of fifth
  /// bits; 128 bytes of nibbles. Sub-block s of 32 weights: w = d·scale[s]·q − dmin·offset[s].
  private static func decodeQ45K(
    _ block: Block, _ weights: UnsafeMutableBufferPointer<Float>, high: Int?, low: Int
  ) {
    let scale = block.float16(at: 0)
    let minimum = block.float16(at: 2)
    for sub in 0..<8 {
      let (subScale, subMinimum) = subScales(block, sub)
      let step = scale * Float(subScale)
      let offset = minimum * Float(subMinimum)
      for index in 0..<32 {
        let byte = block.uint8(at: low + sub / 2 * 32 + index)
        var quant = sub.isMultiple(of: 2) ? byte & 15 : byte >> 4
        if let high { quant |= (block.uint8(at: high + index) >> UInt8(sub) & 1) << 4 }
        weights[sub * 32 + index] = step * Float(quant) - offset
      }
    }
  }

  /// The 6-bit scale and offset of sub-block `sub`, packed in bytes 4…15: four low pairs, then the high bits share
  /// bytes.
  private static func subScales(_ block: Block, _ sub: Int) -> (scale: UInt8, minimum: UInt8) {
    let base = 4
    if sub < 4 { return (block.uint8(at: base + sub) & 63, block.uint8(at: base + sub + 4) & 63) }
    let low = block.uint8(at: base + sub + 4)
    return (
      low & 15 | (block.uint8(at: base + sub - 4) >> 6) << 4,
      low >> 4 | (block.uint8(at: base + sub) >> 6) << 4
    )
  }

  /// 128 bytes of low nibbles, 64 bytes of upper bit pairs, sixteen int8 scales, d: float16. w = d·scale·(q − 32).
  private static func decodeQ6K(_ block: Block, _ weights: UnsafeMutableBufferPointer<Float>) {
    let scale = block.float16(at: 208)
    for half in 0..<2 {
      for quarter in 0..<4 {
        for index in 0..<32 {
          let lowByte = block.uint8(at: half * 64 + quarter % 2 * 32 + index)
          let low = quarter < 2 ? lowByte & 15 : lowByte >> 4
          let high = block.uint8(at: 128 + half * 32 + index) >> UInt8(2 * quarter) & 3
          let subScale = block.int8(at: 192 + half * 8 + quarter * 2 + index / 16)
          let quant = Int(low | high << 4) - 32
          weights[half * 128 + quarter * 32 + index] = scale * Float(subScale) * Float(quant)
        }
      }
    }
  }
}
