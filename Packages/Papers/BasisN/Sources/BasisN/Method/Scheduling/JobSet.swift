/// What one analog cycle can do for one kernel: sum the columns whose coefficient has a given bit set (section 2.3).
public struct JobSet: Sendable, Hashable {
  /// Columns that a set may hold.
  public let columns: Int
  /// 64-bit words per job.
  public let words: Int
  /// Column masks, job after job, `words` each.
  public private(set) var masks: [UInt64] = []
  /// What each job is for.
  public private(set) var labels: [Label] = []

  /// Kernel and bit of a job.
  public struct Label: Sendable, Hashable {
    /// Kernel within its contest.
    public let kernel: Int
    /// Bit of the magnitude, 0 the least significant.
    public let bit: Int

    /// Names a job.
    public init(kernel: Int, bit: Int) {
      self.kernel = kernel
      self.bit = bit
    }
  }

  /// An empty set.
  public init(columns: Int) {
    self.columns = columns
    words = max(1, (columns + 63) / 64)
  }

  /// Adds a job; one without columns is not added, because nothing has to be done for it.
  public mutating func append(columns used: [Int], label: Label) {
    guard !used.isEmpty else { return }
    let start = masks.count
    masks.append(contentsOf: repeatElement(0, count: words))
    for column in used { masks[start + column / 64] |= 1 << UInt64(column % 64) }
    labels.append(label)
  }

  /// Number of jobs.
  public var count: Int { labels.count }

  /// How many jobs contain each column.
  public var usage: [Int] {
    var result = [Int](repeating: 0, count: columns)
    for job in 0..<count {
      for column in self.columns(of: job) { result[column] += 1 }
    }
    return result
  }

  /// Columns of a job, ascending.
  public func columns(of job: Int) -> [Int] {
    var result: [Int] = []
    for word in 0..<words {
      var bits = masks[job * words + word]
      while bits != 0 {
        result.append(64 * word + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
    return result
  }

  /// Cycles that no schedule can beat: the busiest column, and the jobs over the summing lines.
  public func lowerBound(lines: Int) -> Int {
    max(usage.max() ?? 0, (count + lines - 1) / lines)
  }
}

extension EncodedLayer {
  /// The jobs of one contest: the kernels of `group` at slice `position`.
  /// - Parameters:
  ///   - basis: number of basis vectors.
  ///   - combiner: per-bit jobs for the analog combiner, one job per kernel for digital steering.
  public func jobs(group: Int = 0, position: Int, basis: Int, magnitudeBits: Int, combiner: Combiner) -> JobSet {
    var jobs = JobSet(columns: basis)
    let kernels = shape.kernelsPerGroup
    for kernel in 0..<kernels {
      let terms = terms(slice(kernel: group * kernels + kernel, position: position))
      switch combiner {
      case .analogRouting:
        for bit in 0..<magnitudeBits {
          jobs.append(
            columns: terms.filter { abs($0.value) >> bit & 1 == 1 }.map(\.atom), label: .init(kernel: kernel, bit: bit))
        }
      case .digitalSteering:
        jobs.append(columns: terms.map(\.atom), label: .init(kernel: kernel, bit: 0))
      case .digitalReuse:
        break
      }
    }
    return jobs
  }
}
