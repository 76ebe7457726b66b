import Foundation
import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

/// Zero-cost proxies of an untrained network (specification 2.8): one or a few passes with one mini-batch.
///
/// ```swift
/// let scorer = ZeroCost(batch: batch, seed: 1)
/// let values = try scorer.compute(Cell(word: "333132"), proxies: [.synflow, .nwot])
/// ```
/// Gradient proxies share one backward pass, and `jacov` and `epe_nas` one gradient with respect to the images.
public struct ZeroCost: Sendable {
  private let images: Tensor
  private let labels: [Int]
  private let dataSet: DataSet
  private let seed: UInt64
  private let weights: InitialWeights

  /// A scorer.
  ///
  /// - Parameters:
  ///   - images: normalised images `[batch, size, size, 3]`.
  ///   - labels: one class per image.
  public init(images: Tensor, labels: [Int], dataSet: DataSet = .cifar10, seed: UInt64) throws(PELNASError) {
    let size = dataSet.imageSize
    try require(
      images.rank == 4 && Array(images.shape.dropFirst()) == [size, size, 3], "shape of the images", images.shape,
      "[batch, \(size), \(size), 3]")
    try require(
      labels.count == images.shape[0] && labels.allSatisfy { (0..<dataSet.classCount).contains($0) }, "labels",
      labels.count, "one of \(dataSet.classCount) classes per image")
    self.images = images
    self.labels = labels
    self.dataSet = dataSet
    self.seed = seed
    weights = InitialWeights(seed: seed)
  }

  /// Standard normal images with labels in turn, where no real ones are at hand.
  public init(gaussian count: Int, dataSet: DataSet = .cifar10, seed: UInt64) throws(PELNASError) {
    var generator = Philox(seed: seed, stream: "gaussian-images")
    let size = dataSet.imageSize
    try self.init(
      images: Tensor.normal([count, size, size, 3], using: &generator),
      labels: (0..<count).map { $0 % dataSet.classCount }, dataSet: dataSet, seed: seed)
  }

  /// The chosen proxies of a cell's network; functional ones of its canonical form, as in the tables.
  ///
  /// A disconnected cell has no function: its functional proxies are 0.
  /// - Throws: ``PELNASError/proxy(_:problem:)`` if the batch is too small, or the network's errors.
  public func compute(_ cell: Cell, proxies: Set<Proxy>) throws -> [Proxy: Double] {
    var values: [Proxy: Double] = [:]
    let counts = CellCounts(cell, on: dataSet)
    if proxies.contains(.params) { values[.params] = Double(counts.parameters) * 1e-6 }
    if proxies.contains(.flops) { values[.flops] = Double(counts.proxyFLOPs) * 1e-6 }
    if proxies.contains(.l2Norm) {
      values[.l2Norm] = Self.weightNorm(try CellNetwork.build(cell, on: dataSet, weights))
    }
    let functional = proxies.filter(\.isFunctional)
    guard !functional.isEmpty else { return values }
    guard cell.isConnected else {
      for proxy in functional { values[proxy] = 0 }
      return values
    }
    let found = try compute(CellNetwork.build(cell.canonical, on: dataSet, weights), proxies: functional)
    return values.merging(found) { $1 }
  }

  /// The chosen proxies of several cells, in their order.
  ///
  /// What needs no batch leaves a core mostly idle between small layers, so cells then run side by side, one core each; a batch
  /// fills the cores by itself, and its cells come one after the other. The values are those of the same method for one cell.
  public func compute(_ cells: [Cell], proxies: Set<Proxy>) throws -> [[Proxy: Double]] {
    guard proxies.isSubset(of: [.params, .flops, .l2Norm, .synflow]) else {
      return try cells.map { try compute($0, proxies: proxies) }
    }
    return try concurrentValues(cells.count) { index in
      try Threads.withCount(1) { try compute(cells[index], proxies: proxies) }
    }
  }

  /// The chosen functional proxies of any network that ends in a linear classifier; NaN and infinity become −1e8.
  private func compute(_ network: Network, proxies: Set<Proxy>) throws -> [Proxy: Double] {
    var values: [Proxy: Double] = [:]
    if proxies.contains(.synflow) { values[.synflow] = try SynapticFlow.logarithm(network) }
    if !proxies.isDisjoint(with: [.jacov, .nwot, .epeNAS]), images.shape[0] < 2 {
      throw PELNASError.proxy(
        "jacov, nwot, epe_nas", problem: "a batch of one image has no correlations; give at least 2")
    }
    if proxies.contains(.nwot) { values[.nwot] = try ActivationCodes.logDeterminant(network, images: images) }
    if !proxies.isDisjoint(with: [.gradNorm, .snip, .plain, .fisher, .grasp]) {
      let gradients = try LossGradients(network, images: images, labels: labels)
      values[.gradNorm] = gradients.norm
      values[.snip] = gradients.sensitivity
      values[.plain] = gradients.plain
      values[.fisher] = gradients.fisher
      if proxies.contains(.grasp) { values[.grasp] = try gradients.signalPreservation(network, images, labels) }
    }
    if !proxies.isDisjoint(with: [.jacov, .epeNAS]) {
      let jacobian = try InputJacobian(network, images: images)
      if proxies.contains(.jacov) { values[.jacov] = try jacobian.covarianceScore() }
      if proxies.contains(.epeNAS) {
        values[.epeNAS] = jacobian.classScore(labels: labels, classes: dataSet.classCount)
      }
    }
    if proxies.contains(.zen) { values[.zen] = try ZenScore.score(network, batch: images.shape[0], seed: seed) }
    return values.filter { proxies.contains($0.key) }.mapValues { $0.isFinite ? $0 : Double(Proxy.notANumber) }
  }

  /// Σ over weight tensors of their Euclidean norms.
  private static func weightNorm(_ network: Network) -> Double {
    CellNetwork.weightNames(network).reduce(0) { sum, name in
      sum + (network.parameters[name]?.sumOfSquares() ?? 0).squareRoot()
    }
  }
}
