import Foundation
import JSONC
import LanguageModel
import TinyTensor

extension CompressedModel {
  /// The metadata key with the plan as JSON.
  public static let planKey = "basis_sharing.plan"

  /// Opens a compressed GGUF file for further work; to run it, `LlamaModel(ModelFile(contentsOf:))` is enough.
  ///
  /// - Throws: ``BasisSharingError`` for a file without factors, `ModelFileError` for a damaged one.
  public init(_ file: ModelFile, options: ModelOptions = .exact) throws {
    guard let text = file.metadata[Self.planKey]?.stringValue else {
      throw BasisSharingError.unsupportedModel(
        "\(file.url.path) has no shared factors; make some with `hardwise basissharing compress`")
    }
    let plan = try JSON.decode(SharingPlan.self, from: Data(text.utf8))
    try plan.check(ModelShapes(file.config))
    var factors: [SharedFactors] = []
    for group in plan.groups {
      let names = Set(group.layers.map { file.basisName(LinearAddress(layer: $0, site: group.site)) })
      guard names.count == 1, let known = names.first, let name = known else {
        throw BasisSharingError.invalidPlan("\(group.site.rawValue) of layers \(group.layers) has not one basis")
      }
      let basis = try file.tensor(named: name).dequantized()
      let coefficients = try group.layers.map { layer in
        try file.tensor(named: SharedBasisLayout.coefficients(LinearAddress(layer: layer, site: group.site)))
          .dequantized()
      }
      guard basis.shape[0] >= group.rank, coefficients.allSatisfy({ $0.shape[1] == basis.shape[0] }) else {
        throw BasisSharingError.invalidPlan("the factors of \(group.site.rawValue) do not have rank \(group.rank)")
      }
      factors.append(
        SharedFactors(basis: basis.transposed, coefficients: coefficients.map(\.transposed)).truncated(to: group.rank))
    }
    self.init(base: try LlamaModel(file, options: options), plan: plan, factors: factors)
  }

  /// Writes the model as a GGUF file that the runtime loads like any other.
  ///
  /// Formats with blocks of 32 weights pad the rank with zeros to whole blocks, which changes no result.
  ///
  /// - Parameters:
  ///   - url: The file to write; it appears only when it is complete.
  ///   - source: The file of the dense model: its metadata, tokenizer and dense tensors come along.
  ///   - precision: The format of the factors.
  /// - Throws: ``BasisSharingError``, `ModelFileError`, `QuantizationError` or `FileError`.
  public func write(to url: URL, source: ModelFile, precision: TensorType) throws {
    guard case .gguf = source.format else {
      throw BasisSharingError.unsupportedModel(
        "\(source.url.path) is no GGUF file; make one with `hardwise lm quantize --type f16`")
    }
    var writer = GGUFWriter(metadata: source.metadata)
    writer.metadata[Self.planKey] = .string(String(decoding: try JSON.encode(plan), as: UTF8.self))
    let replaced = Set(
      plan.groups.flatMap { group in group.layers.map { group.site.tensor(layer: $0).name } })
    for tensor in source.tensors where !replaced.contains(tensor.name) && !Self.isFactor(tensor.name) {
      writer.add(tensor.name, try source.tensor(named: tensor.name))
    }
    for (group, name, factors) in named {
      let width = Self.padded(factors.rank, precision)
      try writer.add(name, Self.rows(factors.basis.transposed, padded: width), as: precision)
      for (layer, coefficients) in zip(group.layers, factors.coefficients) {
        try writer.add(
          SharedBasisLayout.coefficients(LinearAddress(layer: layer, site: group.site)),
          Self.rows(coefficients, padded: width).transposed, as: precision)
      }
    }
    for site in LinearSite.allCases {
      let members = plan.groups.filter { $0.site == site }
      var groups = [Int32](repeating: -1, count: base.config.layers)
      for (index, group) in members.enumerated() {
        for layer in group.layers { groups[layer] = Int32(index) }
      }
      writer.metadata[SharedBasisLayout.groupsKey(site)] = members.isEmpty ? nil : .array(.int32(groups))
    }
    try writer.write(to: url)
  }

  /// The bytes of the factors and of the dense matrices that stay, as a file of the given format would hold them.
  ///
  /// - Parameter dense: The format of matrices that are in no group.
  public func blockBytes(factors precision: TensorType, dense: TensorType) -> Int {
    plan.blockBytes(shapes, factors: precision, dense: dense)
  }

  private static func isFactor(_ name: String) -> Bool { name.hasSuffix(".coef") || name.hasPrefix("share.") }

  static func padded(_ rank: Int, _ type: TensorType) -> Int {
    (rank + type.blockSize - 1) / type.blockSize * type.blockSize
  }

  private static func rows(_ tensor: Tensor, padded count: Int) -> Tensor {
    if tensor.shape[0] == count { return tensor }
    var scalars = tensor.scalars
    scalars += [Float](repeating: 0, count: (count - tensor.shape[0]) * tensor.shape[1])
    return Tensor(shape: [count, tensor.shape[1]], scalars)
  }
}

extension SharingPlan {
  /// The bytes of all block matrices in the given formats, padding included.
  public func blockBytes(_ shapes: ModelShapes, factors: TensorType, dense: TensorType) -> Int {
    var remaining = Dictionary(uniqueKeysWithValues: LinearSite.allCases.map { ($0, shapes.layers) })
    var bytes = 0
    for group in groups {
      let rank = CompressedModel.padded(group.rank, factors)
      remaining[group.site, default: 0] -= group.layers.count
      bytes += rank * factors.byteCount(columns: shapes.inputs(group.site))
      bytes += group.layers.count * shapes.outputs(group.site) * factors.byteCount(columns: rank)
    }
    for (site, count) in remaining {
      bytes += count * shapes.outputs(site) * dense.byteCount(columns: shapes.inputs(site))
    }
    return bytes
  }
}
