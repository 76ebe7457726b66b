/// How narrow elements lie in the 32-bit words that a lane of a register tile multiplies.
protocol NarrowFormat {
  associatedtype Element: BitwiseCopyable
  associatedtype Word: TileWord

  static var elementsPerWord: Int { get }
  static var zero: Element { get }
  /// The word of `elementsPerWord` elements that lie `stride` apart.
  static func word(_ elements: UnsafePointer<Element>, stride: Int) -> Word
}

/// Two bytes, widened to 16 bits.
enum Int16Pairs: NarrowFormat {
  @inline(__always) static var elementsPerWord: Int { 2 }
  @inline(__always) static var zero: Int8 { 0 }

  @inline(__always)
  static func word(_ elements: UnsafePointer<Int8>, stride: Int) -> Int32 {
    Int32(elements[0]) & 0xffff | Int32(elements[stride]) &<< 16
  }
}

/// Four bytes as they are.
enum ByteQuads: NarrowFormat {
  @inline(__always) static var elementsPerWord: Int { 4 }
  @inline(__always) static var zero: Int8 { 0 }

  @inline(__always)
  static func word(_ elements: UnsafePointer<Int8>, stride: Int) -> Int32 {
    let low = Int32(elements[0]) & 0xff | (Int32(elements[stride]) & 0xff) &<< 8
    return low | (Int32(elements[2 * stride]) & 0xff) &<< 16 | Int32(elements[3 * stride]) &<< 24
  }
}

/// Four bytes raised by 128, which makes them unsigned.
enum RaisedByteQuads: NarrowFormat {
  @inline(__always) static var elementsPerWord: Int { 4 }
  @inline(__always) static var zero: Int8 { 0 }

  @inline(__always)
  static func word(_ elements: UnsafePointer<Int8>, stride: Int) -> Int32 {
    ByteQuads.word(elements, stride: stride) ^ Int32(bitPattern: 0x8080_8080)
  }
}

/// One bfloat16 number, widened to float.
enum WidenedBFloat16: NarrowFormat {
  @inline(__always) static var elementsPerWord: Int { 1 }
  @inline(__always) static var zero: BFloat16 { BFloat16(bitPattern: 0) }

  @inline(__always)
  static func word(_ elements: UnsafePointer<BFloat16>, stride: Int) -> Float {
    Float(bitPattern: UInt32(elements.pointee.bitPattern) &<< 16)
  }
}

/// Two bfloat16 numbers, the first in the lower half. The float that carries them is never computed with.
enum BFloat16Pairs: NarrowFormat {
  @inline(__always) static var elementsPerWord: Int { 2 }
  @inline(__always) static var zero: BFloat16 { BFloat16(bitPattern: 0) }

  @inline(__always)
  static func word(_ elements: UnsafePointer<BFloat16>, stride: Int) -> Float {
    Float(bitPattern: UInt32(elements[0].bitPattern) | UInt32(elements[stride].bitPattern) &<< 16)
  }
}
