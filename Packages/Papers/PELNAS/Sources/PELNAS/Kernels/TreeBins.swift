/// The rows of a matrix in a form that some trees compare as bytes: every number is replaced by how many of the trees' thresholds it
/// reaches, which a byte holds as long as no column has more than 255 of them.
///
/// The comparisons are those of the numbers, exactly: a number reaches a threshold exactly if its bin exceeds the split's.
struct TreeBins {
  /// The trees that the bins serve.
  let trees: Range<Int>
  /// Where the bins of each split's column begin, 31 per tree.
  let offsets: [Int]
  /// The last bin that goes left at each split.
  let lastLeft: [Int8]
  /// Bins column by column, as far apart as the matrix's columns; −128 for a number below all thresholds.
  let bins: [Int8]

  /// Bins for as many of the trees from `first` as bytes can hold, at least one.
  init(_ features: FeatureMatrix, firstTree first: Int, splitColumns: [Int32], thresholds: [Float]) {
    let all = first * BoostedTrees.splitCount..<splitColumns.count
    var reached = ReachedThresholds(features)
    // Rank of each split's threshold, nil for a node that does not split.
    var ranks: [Int?] = []
    for start in stride(from: all.lowerBound, to: all.upperBound, by: BoostedTrees.splitCount) {
      let own = (start..<start + BoostedTrees.splitCount).map { split in
        thresholds[split] < .greatestFiniteMagnitude
          ? features.rank(of: thresholds[split], column: Int(splitColumns[split])) : nil
      }
      guard reached.insert(zip(splitColumns[start..<start + own.count], own)) else { break }
      ranks += own
    }
    trees = first..<first + ranks.count / BoostedTrees.splitCount
    let columns = splitColumns[all].prefix(ranks.count).map(Int.init)
    offsets = columns.map { $0 * features.stride }
    let binsOfRanks = reached.bins
    // A node that does not split has the highest bin of all to its left.
    lastLeft = zip(columns, ranks).map { column, rank in rank.map { binsOfRanks[column][$0] - 1 } ?? .max }
    bins = Self.bins(features, binsOfRanks)
  }

  private static func bins(_ features: FeatureMatrix, _ binsOfRanks: [[Int8]]) -> [Int8] {
    let count = features.columns * features.stride
    return Array(unsafeUninitializedCapacity: count) { bins, initialized in
      features.ranks.withUnsafeBufferPointer { ranks in
        for column in 0..<features.columns {
          binsOfRanks[column].withUnsafeBufferPointer { table in
            for index in column * features.stride..<(column + 1) * features.stride {
              bins[index] = table[Int(ranks[index])]
            }
          }
        }
      }
      initialized = count
    }
  }
}

/// Which ranks begin at a threshold, column by column.
private struct ReachedThresholds {
  /// `marks[column][rank]` is 1 where a threshold lies between the value of that rank and the one below.
  private var marks: [[UInt8]]
  private var counts: [Int]

  /// Thresholds of one column that a byte can tell apart.
  private static let limit = 255

  init(_ features: FeatureMatrix) {
    marks = features.distinct.map { [UInt8](repeating: 0, count: $0.count + 1) }
    counts = [Int](repeating: 0, count: features.columns)
  }

  /// Adds the thresholds of one tree, or none of them if that would be too many.
  mutating func insert(_ splits: some Sequence<(Int32, Int?)>) -> Bool {
    var added: [(column: Int, rank: Int)] = []
    for (column, rank) in splits {
      let column = Int(column)
      guard let rank, marks[column][rank] == 0 else { continue }
      marks[column][rank] = 1
      counts[column] += 1
      added.append((column, rank))
    }
    guard counts.contains(where: { $0 > Self.limit }) else { return true }
    for (column, rank) in added {
      marks[column][rank] = 0
      counts[column] -= 1
    }
    return false
  }

  /// Bin of every rank: the number of thresholds at or below it, from −128.
  var bins: [[Int8]] {
    marks.map { marks in
      var bin = Int8.min
      return marks.map { mark in
        bin &+= Int8(bitPattern: mark)
        return bin
      }
    }
  }
}
