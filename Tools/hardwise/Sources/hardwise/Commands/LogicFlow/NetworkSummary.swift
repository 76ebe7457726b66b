import Foundation
import LogicFlow
import LogicFlowVerify

/// What `train` and `import` say about a network that they have written.
struct NetworkSummary: Encodable {
  let network: String
  let macs: Int
  /// Percent.
  let trainAccuracy, testAccuracy: Double

  /// Writes the network and measures it on both parts of the table.
  init(writing network: IntegerNetwork, to path: String, _ split: SampleSplit) throws {
    try NetworkFile.write(network, to: URL(fileURLWithPath: path))
    func accuracy(_ samples: IntegerSamples) -> Double {
      let classes = BatchClassifier(network).classify(samples.features)
      return 100 * Double(zip(classes, samples.labels).count { $0 == $1 }) / Double(samples.count)
    }
    self.network = path
    macs = network.macs
    trainAccuracy = accuracy(split.train)
    testAccuracy = accuracy(split.test)
  }

  var text: String {
    String(
      format: "%@: %d MACs, accuracy %.2f %% on training, %.2f %% on test rows", network, macs, trainAccuracy,
      testAccuracy)
  }
}

extension OutputOptions {
  func emit(_ summary: NetworkSummary) throws { try emit(summary, text: summary.text) }
}
