/// Exact parameter and operation counts of a cell's network (16/32/64 channels, five cells per stage), specification 4.3.
///
/// Dead operations count: the benchmark builds them.
public struct CellCounts: Sendable, Hashable, Codable {
  /// Trainable parameters.
  public let parameters: Int
  /// Multiply–accumulates of convolutions plus 2·C·H·W per batch norm: the benchmark's convention.
  public let benchmarkFLOPs: Int
  /// The convention of the proxy tables: also C·H·W per ReLU and 9·C·H·W per average pooling.
  public let proxyFLOPs: Int

  /// Counts on images of a data set.
  public init(_ cell: Cell, on dataSet: DataSet = .cifar10) {
    let ones = cell.count(.conv1x1)
    let threes = cell.count(.conv3x3)
    let pools = cell.count(.avgPool3x3)
    // Of CIFAR-10: 64·10 + 10 parameters of the classifier, 640 MACs.
    let extraClasses = dataSet.classCount - 10
    parameters = 73_306 + 28_000 * ones + 243_040 * threes + 65 * extraClasses
    // A quarter of the pixels costs a quarter, but for the classifier's 640 MACs.
    let scale = dataSet.imageSize == 32 ? 1 : 4
    func scaled(_ base: Int) -> Int { (base - 640) / scale + 640 + 64 * extraClasses }
    benchmarkFLOPs = scaled(7_877_248) + (4_218_880 * ones + 35_676_160 * threes) / scale
    proxyFLOPs = scaled(7_943_872) + (4_362_240 * ones + 35_819_520 * threes + 1_290_240 * pools) / scale
  }
}
