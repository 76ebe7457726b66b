// Direct access to storage for the kernels of this module. The caller keeps the tensors alive, which Swift guarantees for
// function parameters and locals used after the kernel, hence `withExtendedLifetime` in the wrappers below.

extension Tensor {
  /// Makes a tensor by filling uninitialised storage.
  @inline(__always)
  static func filled(_ shape: [Int], _ body: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
    let result = Tensor(uninitialized: shape)
    withExtendedLifetime(result) { body(result.storage.pointer) }
    return result
  }

  /// Reads through a plain pointer.
  @inline(__always)
  func withPointer<R>(_ body: (UnsafePointer<Float>) -> R) -> R {
    withExtendedLifetime(storage) { body(UnsafePointer(storage.pointer)) }
  }
}

/// Reads two tensors through plain pointers.
@inline(__always)
func withPointers<R>(
  _ a: Tensor, _ b: Tensor, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> R
) -> R {
  a.withPointer { x in b.withPointer { y in body(x, y) } }
}

/// Reads an optional tensor through an optional pointer.
@inline(__always)
func withOptionalPointer<R>(_ tensor: Tensor?, _ body: (UnsafePointer<Float>?) -> R) -> R {
  if let tensor { return tensor.withPointer { body($0) } }
  return body(nil)
}

/// Reads two optional tensors through optional pointers.
@inline(__always)
func withOptionalPointers<R>(
  _ a: Tensor?, _ b: Tensor?, _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> R
) -> R {
  withOptionalPointer(a) { x in withOptionalPointer(b) { y in body(x, y) } }
}
