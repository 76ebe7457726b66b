import Foundation

/// What this process used so far.
public enum ResourceUsage {
  /// Largest resident memory of the process so far, in bytes.
  public static var peakMemoryBytes: Int {
    #if os(Linux)
      // A process inherits the peak of the one that started it in `ru_maxrss`, but not here.
      let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      return (kilobytes ?? Int(usage.ru_maxrss)) * 1024
    #else
      return Int(usage.ru_maxrss)
    #endif
  }

  /// Processor time (user and system, all threads) of the process so far, in seconds.
  public static var processorSeconds: Double {
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static var usage: rusage {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}
