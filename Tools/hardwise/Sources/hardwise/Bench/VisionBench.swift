import TinyNN
import TinyTensor
import VisionModels

/// Whole networks: inference with folded batch-norms, and training steps.
enum VisionBench {
  static func items() throws -> [BenchItem] {
    let threads = Threads.count
    return [
      try inference("resnet20", batch: 128, threads: threads), try inference("resnet56", batch: 128, threads: threads),
      try inference("resnet20", batch: 1, threads: 1), try inference("resnet56", batch: 1, threads: 1),
      try inference("vgg16", batch: 128, threads: threads), try training("resnet20", batch: 128, threads: threads),
      try training("resnet56", batch: 128, threads: threads), try training("vgg16", batch: 128, threads: threads),
    ]
  }

  private static func inference(_ model: String, batch: Int, threads: Int) throws -> BenchItem {
    BenchItem(
      name: "\(model) inference, batch \(batch)", threads: threads,
      work: 2 * Double(try Models.named(model).cost().macs * batch), limit: .arithmetic, images: batch,
      request: PeerRequest(work: "infer", model: model, batch: batch, threads: threads)
    ) {
      let network = try initialized(model)
      let engine = try InferenceEngine(network)
      let images = randomImages(network, batch)
      return { _ = try engine.logits(images) }
    }
  }

  private static func training(_ model: String, batch: Int, threads: Int) throws -> BenchItem {
    BenchItem(
      name: "\(model) training, batch \(batch)", threads: threads,
      work: 6 * Double(try Models.named(model).cost().macs * batch), limit: .arithmetic, images: batch,
      request: PeerRequest(work: "train", model: model, batch: batch, threads: threads)
    ) {
      let network = try initialized(model)
      let parameters = try ParameterSet(network)
      let images = randomImages(network, batch)
      let labels = (0..<batch).map { $0 % network.classes }
      var optimizer = SGD(momentum: 0.9, weightDecay: 5e-4)
      return {
        let logits = try network.forward(Variable(images), parameters: parameters, mode: .training())
        crossEntropy(logits, labels: labels).backward()
        optimizer.step(parameters.all, learningRate: 1e-3)
        parameters.clearGradients()
      }
    }
  }

  private static func initialized(_ model: String) throws -> Network {
    var network = try Models.named(model)
    network.initialize(seed: 1)
    return network
  }

  /// Normal noise in the network's input shape.
  static func randomImages(_ network: Network, _ batch: Int) -> Tensor {
    var generator = Philox(seed: 1, stream: "bench")
    return .normal([batch] + network.inputShape, using: &generator)
  }
}
