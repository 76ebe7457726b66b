import Foundation

/// Keeps the threads of OpenBLAS out of loops that are parallel themselves, where it is the library behind LAPACK.
enum SerialLAPACK {
  private typealias SetThreads = @convention(c) @Sendable (Int32) -> Void
  private typealias GetThreads = @convention(c) @Sendable () -> Int32

  /// OpenBLAS's own functions; nil with another LAPACK, which has one thread, or its own rules.
  private static let library: (get: GetThreads, set: SetThreads)? = {
    guard let process = dlopen(nil, RTLD_LAZY), let get = dlsym(process, "openblas_get_num_threads"),
      let set = dlsym(process, "openblas_set_num_threads")
    else { return nil }
    return (unsafeBitCast(get, to: GetThreads.self), unsafeBitCast(set, to: SetThreads.self))
  }()

  /// Runs `body` with LAPACK on the calling thread alone.
  static func run<R>(_ body: () throws -> R) rethrows -> R {
    guard let library else { return try body() }
    let before = library.get()
    library.set(1)
    defer { library.set(before) }
    return try body()
  }
}
