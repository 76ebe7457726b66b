#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Room for LAPACK: OpenBLAS keeps work tables for all processors it was built for on the stack (`dgetrf_parallel` alone takes
/// more than half a megabyte, whatever the size of the matrix), and the threads of Dispatch and Swift concurrency have too
/// little of it.
enum LargeStack {
  private static let bytes = 16 << 20

  /// Runs `body` on a thread of its own and waits for it: some twenty microseconds more than a call.
  static func run<R>(_ body: () -> R) -> R {
    var result: R?
    let finished = onThread { result = body() }
    // Without a thread there is only this stack; LAPACK without OpenBLAS's tables fits into it.
    guard finished, let result else { return body() }
    return result
  }

  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Runs `body` on a new thread and joins it; false if there is none to be had.
  private static func onThread(_ body: () -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
      var attributes = pthread_attr_t()
      guard pthread_attr_init(&attributes) == 0 else { return false }
      defer { pthread_attr_destroy(&attributes) }
      guard pthread_attr_setstacksize(&attributes, bytes) == 0 else { return false }
      let work = Unmanaged.passRetained(Work(body))
      #if canImport(Glibc)
        var thread = pthread_t()
        let status = pthread_create(
          &thread, &attributes,
          { argument in
            if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
          }, work.toOpaque())
      #else
        var thread: pthread_t?
        let status = pthread_create(
          &thread, &attributes,
          { argument in
            Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            return nil
          }, work.toOpaque())
      #endif
      guard status == 0 else {
        work.release()
        return false
      }
      #if canImport(Glibc)
        return pthread_join(thread, nil) == 0
      #else
        return thread.map { pthread_join($0, nil) == 0 } ?? false
      #endif
    }
  }
}
