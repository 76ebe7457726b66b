import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

/// Estimates batch-norm statistics anew after the kernels have changed (section 2.5, step 4).
public struct BatchNormRecalibration: Sendable {
  /// Images to estimate on.
  public let images: LabeledImages
  /// Scaling the network expects.
  public let normalization: Normalization
  /// Batches of 64 images.
  public let batches: Int
  /// Seed of the choice of images.
  public let seed: UInt64

  /// Creates a recalibration; at least 1000 images are advisable.
  public init(images: LabeledImages, normalization: Normalization, batches: Int = 16, seed: UInt64 = 0) {
    self.images = images
    self.normalization = normalization
    self.batches = batches
    self.seed = seed
  }

  /// The network with fresh statistics.
  public func apply(to network: Network) throws(BasisNError) -> Network {
    let loader = BatchLoader(
      images, batchSize: min(64, images.count), normalization: normalization, seed: seed, epoch: 0, dropLast: true)
    do {
      let parameters = try ParameterSet(network, trainable: false)
      try reestimateStatistics(
        of: Array(parameters.batchNormStates.values), over: 0..<min(batches, loader.count)
      ) { index in
        _ = try network.forward(
          Variable(loader.batch(at: index).images), parameters: parameters, mode: .training())
      }
      var result = network
      parameters.write(to: &result)
      return result
    } catch let error as NetworkError {
      throw .network(error)
    } catch {
      throw .mismatch("\(error)")
    }
  }
}
