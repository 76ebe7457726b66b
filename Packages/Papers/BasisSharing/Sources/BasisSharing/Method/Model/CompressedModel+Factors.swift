import Foundation
import JSONC
import LanguageModel
import TinyNN
import TinyTensor

extension CompressedModel {
  /// Writes the factors alone as a safetensors file, for other programs: Bᵀ `[rank, inputs]` and Cᵀ `[outputs, rank]` are the weights of
  /// two `torch.nn.Linear` in sequence, under the names of ``SharedBasisLayout``; the metadata hold the plan.
  ///
  /// - Throws: `SafeTensorsError`.
  public func writeFactors(to url: URL, precision: SafeTensors.Precision = .float32) throws {
    var tensors: [(String, Tensor)] = []
    for (group, name, factors) in named {
      tensors.append((name, factors.basis.transposed))
      for (layer, coefficients) in zip(group.layers, factors.coefficients) {
        let address = LinearAddress(layer: layer, site: group.site)
        tensors.append((SharedBasisLayout.coefficients(address), coefficients.transposed))
      }
    }
    let text = String(decoding: try JSON.encode(plan), as: UTF8.self)
    try SafeTensors.write(tensors, metadata: [Self.planKey: text], to: url, precision: precision)
  }

  /// Puts factors that ``writeFactors(to:precision:)`` wrote into a dense model.
  ///
  /// - Throws: ``BasisSharingError`` for factors of another model, `SafeTensorsError` for a damaged file.
  public init(factors url: URL, base: LlamaModel) throws {
    let file = try SafeTensors(mapping: url)
    guard let text = file.metadata[Self.planKey] else {
      throw BasisSharingError.unsupportedModel("\(url.path) holds no plan of shared factors")
    }
    let plan = try JSON.decode(SharingPlan.self, from: Data(text.utf8))
    let shapes = ModelShapes(base.config)
    try plan.check(shapes)
    var factors: [SharedFactors] = []
    for (group, name) in zip(plan.groups, Self.basisNames(plan)) {
      let basis = try file.tensor(name)
      let coefficients = try group.layers.map {
        try file.tensor(SharedBasisLayout.coefficients(LinearAddress(layer: $0, site: group.site)))
      }
      guard basis.shape == [group.rank, shapes.inputs(group.site)],
        coefficients.allSatisfy({ $0.shape == [shapes.outputs(group.site), group.rank] })
      else { throw BasisSharingError.invalidPlan("the factors \(name) do not fit the model or the plan") }
      factors.append(SharedFactors(basis: basis.transposed, coefficients: coefficients.map(\.transposed)))
    }
    self.init(base: base, plan: plan, factors: factors)
  }

  /// Every group with the name of its basis and its factors.
  var named: [(group: SharingGroup, name: String, factors: SharedFactors)] {
    zip(zip(plan.groups, Self.basisNames(plan)), factors).map { ($0.0.0, $0.0.1, $0.1) }
  }

  /// The names of the bases of a plan's groups: numbered per site.
  static func basisNames(_ plan: SharingPlan) -> [String] {
    var next: [LinearSite: Int] = [:]
    return plan.groups.map { group in
      defer { next[group.site, default: 0] += 1 }
      return SharedBasisLayout.basis(group.site, group: next[group.site, default: 0])
    }
  }
}
