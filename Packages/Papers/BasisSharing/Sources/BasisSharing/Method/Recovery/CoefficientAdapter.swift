import LanguageModel
import TinyNN
import TinyTensor

/// The adapter s · A · D of one layer's coefficients, A `[rank of C, r]`, D `[r, outputs]`, s = α/r.
package struct CoefficientAdapter {
  package let address: LinearAddress
  /// Index of the group in the plan, and of the layer in the group.
  let group: Int
  let position: Int
  /// Bᵀ `[rank of C, inputs]`, frozen.
  let basis: Variable
  /// A, normal at the start.
  package let down: Variable
  /// D, zero at the start.
  package let up: Variable
  let scale: Float

  /// Adapters for every factored query and value matrix of a model.
  package static func all(of model: CompressedModel, settings: CoefficientLoRA) -> [CoefficientAdapter] {
    model.plan.groups.indices.filter { CoefficientLoRA.sites.contains(model.plan.groups[$0].site) }.flatMap { index in
      let group = model.plan.groups[index]
      let basis = Variable(model.factors[index].basis.transposed)
      return group.layers.enumerated().map { position, layer in
        let name = "\(layer).\(group.site.rawValue)"
        var random = Philox(seed: settings.seed, stream: "adapter " + name)
        let shape = model.factors[index].coefficients[position].shape
        return CoefficientAdapter(
          address: LinearAddress(layer: layer, site: group.site), group: index, position: position, basis: basis,
          down: Variable(
            .normal(
              [shape[0], settings.rank], standardDeviation: 1 / Float(settings.rank).squareRoot(), using: &random),
            requiresGradient: true, name: name + ".down"),
          up: Variable(Tensor(zeros: [settings.rank, shape[1]]), requiresGradient: true, name: name + ".up"),
          scale: settings.alpha / Float(settings.rank))
      }
    }
  }

  /// The adapter as the runtime trains it: with (B A)ᵀ `[r, inputs]` and Dᵀ `[outputs, r]` behind the frozen factors.
  package var trainable: TrainableLinear {
    .lora(down: matmul(down, basis, transposeA: true), up: up.permuted([1, 0]), scale: scale)
  }
}
