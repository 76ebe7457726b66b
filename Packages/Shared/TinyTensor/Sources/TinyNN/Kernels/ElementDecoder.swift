import TinyTensor

/// Conversions between the element types of files and `Float`; the bytes need not be aligned.
enum ElementDecoder {
  static func decode(
    _ bytes: UnsafeRawBufferPointer, as type: SafeTensors.ElementType, into target: UnsafeMutableBufferPointer<Float>
  ) {
    switch type {
    case .float32: convert(bytes, UInt32.self, target) { Float(bitPattern: $0) }
    case .float16: convert(bytes, UInt16.self, target) { HalfPrecision.decodeFloat16($0) }
    case .bfloat16: convert(bytes, UInt16.self, target) { HalfPrecision.decodeBFloat16($0) }
    case .float64: convert(bytes, UInt64.self, target) { Float(Double(bitPattern: $0)) }
    case .int8: convert(bytes, Int8.self, target) { Float($0) }
    case .uint8: convert(bytes, UInt8.self, target) { Float($0) }
    case .int32: convert(bytes, Int32.self, target) { Float($0) }
    case .int64: convert(bytes, Int64.self, target) { Float($0) }
    }
  }

  @inline(__always)
  private static func convert<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, _ target: UnsafeMutableBufferPointer<Float>,
    _ element: (Bits) -> Float
  ) {
    let size = MemoryLayout<Bits>.size
    guard let source = bytes.baseAddress, let output = target.baseAddress else { return }
    parallelRanges(min(target.count, bytes.count / size), grain: 1 << 16) { range in
      for index in range {
        output[index] = element(Bits(littleEndian: source.loadUnaligned(fromByteOffset: index * size, as: Bits.self)))
      }
    }
  }
}

/// Floats to the bytes of a file.
enum ElementEncoder {
  static func encode(_ tensor: Tensor, as precision: SafeTensors.Precision) -> [UInt8] {
    switch precision {
    case .float32: convert(tensor) { $0.bitPattern }
    case .float16: convert(tensor) { HalfPrecision.encodeFloat16($0) }
    case .bfloat16: convert(tensor) { HalfPrecision.encodeBFloat16($0) }
    }
  }

  @inline(__always)
  private static func convert<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ tensor: Tensor, _ element: (Float) -> Bits
  ) -> [UInt8] {
    let size = MemoryLayout<Bits>.size
    return [UInt8](unsafeUninitializedCapacity: tensor.count * size) { target, count in
      count = tensor.count * size
      guard let output = UnsafeMutableRawPointer(target.baseAddress) else { return }
      tensor.withUnsafeBufferPointer { source in
        for index in source.indices {
          output.storeBytes(of: element(source[index]).littleEndian, toByteOffset: index * size, as: Bits.self)
        }
      }
    }
  }
}
