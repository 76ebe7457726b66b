import FileKit
import Foundation
import LanguageModelShims
import TinyTensor

/// The shape of a page of the KV cache and the addresses within.
///
/// A page holds 64 slots of all layers. Per layer and KV head it has the keys transposed, `[headSize][64 slots]`, so that scores
/// of 64 slots are computed without sums across lanes, then the values, `[64 slots][headSize]`.
struct PageLayout: Sendable, Hashable {
  /// Slots of a page.
  static let slots = 64

  let layers: Int
  let kvHeads: Int
  let headSize: Int
  let precision: CachePrecision

  /// Elements of the keys (or values) of one head.
  var blockElements: Int { headSize * Self.slots }
  var blockBytes: Int { blockElements * precision.byteCount }
  var pageBytes: Int { layers * kvHeads * 2 * blockBytes }

  func keyOffset(_ layer: Int, _ head: Int) -> Int { (layer * kvHeads + head) * 2 * blockBytes }
  func valueOffset(_ layer: Int, _ head: Int) -> Int { keyOffset(layer, head) + blockBytes }

  static func pages(for slots: Int) -> Int { (slots + Self.slots - 1) / Self.slots }
}

/// One page of a KV cache: memory of its own, or a part of a mapped file (then it is copied before it is written).
///
/// Shared between caches until one writes; the writer must hold the only reference.
final class KVPage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let mapping: MappedFile?
  var isMapped: Bool { mapping != nil }

  init(zeroed bytes: Int) {
    base = .allocate(byteCount: bytes, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    mapping = nil
  }

  init(copying page: KVPage, bytes: Int) {
    base = .allocate(byteCount: bytes, alignment: 64)
    base.copyMemory(from: page.base, byteCount: bytes)
    mapping = nil
  }

  /// A page within a mapped file, which stays mapped as long as the page lives.
  init(mapping: MappedFile, offset: Int) {
    // The caller has checked that the page lies within the file, so there is a base address.
    let start = mapping.withUnsafeBytes { UnsafeRawPointer(bitPattern: UInt(bitPattern: $0.baseAddress)) }
    guard let start else { preconditionFailure("an empty file has no pages") }
    base = UnsafeMutableRawPointer(mutating: start + offset)
    self.mapping = mapping
  }

  deinit { if mapping == nil { base.deallocate() } }
}

/// Eight cache elements as floats and back.
enum PageElements {
  @inline(__always)
  static func eight(_ pointer: UnsafeRawPointer, _ precision: CachePrecision) -> Float8 {
    switch precision {
    case .float32: pointer.loadUnaligned(as: Float8.self)
    case .float16: lm_half_to_float(pointer.loadUnaligned(as: SIMD8<UInt16>.self))
    case .bfloat16: lm_bfloat_to_float(pointer.loadUnaligned(as: SIMD8<UInt16>.self))
    }
  }

  @inline(__always)
  static func put(_ value: Float8, _ pointer: UnsafeMutableRawPointer, _ precision: CachePrecision) {
    switch precision {
    case .float32: pointer.storeBytes(of: value, as: Float8.self)
    case .float16: pointer.storeBytes(of: lm_float_to_half(value), as: SIMD8<UInt16>.self)
    case .bfloat16: pointer.storeBytes(of: lm_float_to_bfloat(value), as: SIMD8<UInt16>.self)
    }
  }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer, _ precision: CachePrecision) -> Float {
    switch precision {
    case .float32: pointer.loadUnaligned(as: Float.self)
    case .float16: HalfPrecision.decodeFloat16(pointer.loadUnaligned(as: UInt16.self))
    case .bfloat16: HalfPrecision.decodeBFloat16(pointer.loadUnaligned(as: UInt16.self))
    }
  }

  @inline(__always)
  static func store(_ value: Float, _ pointer: UnsafeMutableRawPointer, _ precision: CachePrecision) {
    switch precision {
    case .float32: pointer.storeBytes(of: value, as: Float.self)
    case .float16: pointer.storeBytes(of: HalfPrecision.encodeFloat16(value), as: UInt16.self)
    case .bfloat16: pointer.storeBytes(of: HalfPrecision.encodeBFloat16(value), as: UInt16.self)
    }
  }
}

extension PageLayout {
  /// Writes one head's key and value of one slot.
  @inline(__always)
  func write(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, layer: Int, head: Int, slot: Int,
    page: UnsafeMutableRawPointer
  ) {
    writeKey(key, layer: layer, head: head, slot: slot, page: page)
    writeValue(value, layer: layer, head: head, slot: slot, page: page)
  }

  @inline(__always)
  func writeKey(
    _ key: UnsafePointer<Float>, layer: Int, head: Int, slot: Int, page: UnsafeMutableRawPointer
  ) {
    let size = precision.byteCount
    let keys = page + keyOffset(layer, head) + slot * size
    let step = Self.slots * size
    if precision == .float32 {
      for index in 0..<headSize { keys.storeBytes(of: key[index], toByteOffset: index * step, as: Float.self) }
    } else {
      for start in stride(from: 0, to: headSize, by: 8) {
        let source = load8(key + start)
        let bits = precision == .float16 ? lm_float_to_half(source) : lm_float_to_bfloat(source)
        for lane in 0..<8 {
          keys.storeBytes(of: bits[lane], toByteOffset: (start + lane) * step, as: UInt16.self)
        }
      }
    }
  }

  @inline(__always)
  func writeValue(
    _ value: UnsafePointer<Float>, layer: Int, head: Int, slot: Int, page: UnsafeMutableRawPointer
  ) {
    let size = precision.byteCount
    let values = page + valueOffset(layer, head) + slot * headSize * size
    for start in stride(from: 0, to: headSize, by: 8) {
      PageElements.put(load8(value + start), values + start * size, precision)
    }
  }

  /// Reads one head's key of one slot.
  func readKey(
    layer: Int, head: Int, slot: Int, page: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let size = precision.byteCount
    let keys = page + keyOffset(layer, head) + slot * size
    for index in 0..<headSize { target[index] = PageElements.load(keys + index * Self.slots * size, precision) }
  }

  /// Reads one head's value of one slot.
  func readValue(
    layer: Int, head: Int, slot: Int, page: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let size = precision.byteCount
    let values = page + valueOffset(layer, head) + slot * headSize * size
    for index in 0..<headSize { target[index] = PageElements.load(values + index * size, precision) }
  }

  /// Writes the keys and values of one layer for rows of tokens into their slots.
  func store(keys: Rows, values: Rows, layer: Int, slots: ArraySlice<Int32>, pages: [KVPage]) {
    let first = slots.startIndex
    RowKernels.parallelRows(slots.count, width: 8 * keys.width) { row in
      let slot = Int(slots[first + row])
      let page = pages[slot / Self.slots].base
      for head in 0..<kvHeads {
        write(
          key: keys[row] + head * headSize, value: values[row] + head * headSize, layer: layer, head: head,
          slot: slot % Self.slots, page: page)
      }
    }
  }
}
