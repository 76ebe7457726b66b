import Foundation

/// A compiled classifier, loaded into this process: `int name(const uint8_t *)`.
public final class NativeFunction {
  private typealias Function = @convention(c) (UnsafePointer<UInt8>) -> Int32

  private let handle: UnsafeMutableRawPointer
  private let function: Function

  /// Compiles `source` for this machine and loads it.
  public init(_ source: String, name: String, compiler: CCompiler, optimization: String = "-O2") throws(LogicFlowError)
  {
    let file = try compiler.compile(source, entry: name, optimization: optimization)
    defer { try? FileManager.default.removeItem(at: file) }
    guard let handle = dlopen(file.path, RTLD_NOW | RTLD_LOCAL) else {
      throw .compiler("the compiled library does not load")
    }
    guard let symbol = dlsym(handle, name) else {
      dlclose(handle)
      throw .compiler("the compiled library has no function \(name)")
    }
    self.handle = handle
    function = unsafeBitCast(symbol, to: Function.self)
  }

  deinit { dlclose(handle) }

  /// Class of one row.
  public func classify(_ x: [UInt8]) -> Int {
    x.withUnsafeBufferPointer { $0.baseAddress.map { Int(function($0)) } ?? 0 }
  }

  /// Class of each row of `features` (row-major, `width` features each).
  public func classify(rows features: [UInt8], width: Int) -> [Int] {
    features.withUnsafeBufferPointer { rows in
      guard let base = rows.baseAddress else { return [] }
      return (0..<rows.count / width).map { Int(function(base + $0 * width)) }
    }
  }

  /// The sum of all classes: a loop that only measures the function.
  public func sum(rows features: [UInt8], width: Int) -> Int {
    features.withUnsafeBufferPointer { rows in
      guard let base = rows.baseAddress else { return 0 }
      var total = 0
      for start in stride(from: 0, to: rows.count, by: width) { total &+= Int(function(base + start)) }
      return total
    }
  }
}
