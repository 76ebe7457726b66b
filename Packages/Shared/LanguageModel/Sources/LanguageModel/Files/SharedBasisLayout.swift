/// Where the factors of low-rank matrices lie in a GGUF file: coefficients per layer, bases that several layers may share.
///
/// A matrix that was factored as `W = B C` has no tensor of its own. `blk.{layer}.{name}.coef` holds Cᵀ `[outputs, rank]` and
/// `share.{site}.{group}.basis` holds Bᵀ `[rank, inputs]`; the metadata `basis_sharing.{site}.group` lists each layer's group, -1 for a
/// dense matrix.
public enum SharedBasisLayout {
  /// The tensor with Cᵀ of a map.
  public static func coefficients(_ address: LinearAddress) -> String {
    let name = address.site.tensor(layer: address.layer).name
    return String(name.dropLast(".weight".count)) + ".coef"
  }

  /// The tensor with Bᵀ of a group.
  public static func basis(_ site: LinearSite, group: Int) -> String { "share.\(site.rawValue).\(group).basis" }

  /// The metadata key with the group of every layer.
  public static func groupsKey(_ site: LinearSite) -> String { "basis_sharing.\(site.rawValue).group" }
}

extension ModelFile {
  /// Whether any matrix of the file is stored as factors.
  public var isFactored: Bool {
    LinearSite.allCases.contains { metadata[SharedBasisLayout.groupsKey($0)] != nil }
  }

  /// The name of the basis of a factored map, or nil for a dense one.
  public func basisName(_ address: LinearAddress) -> String? {
    guard let list = metadata[SharedBasisLayout.groupsKey(address.site)]?.arrayValue?.intArray,
      list.indices.contains(address.layer), list[address.layer] >= 0
    else { return nil }
    return SharedBasisLayout.basis(address.site, group: list[address.layer])
  }

  /// Checks that a factored map has both factors, in shapes that fit.
  func checkFactors(_ address: LinearAddress, basis: String) throws(ModelFileError) {
    let name = SharedBasisLayout.coefficients(address)
    let expected = address.site.tensor(layer: address.layer).shape(in: config)
    for missing in [name, basis] where !contains(missing) {
      throw ModelFileError(
        .missing, path: url.path, field: missing, problem: "there is no such tensor",
        remedy: "the file is incomplete: compress the model again")
    }
    guard let coefficients = description(of: name), let basis = description(of: basis) else { return }
    guard coefficients.rows == expected.rows, basis.columns == expected.columns, basis.rows == coefficients.columns
    else {
      throw ModelFileError(
        .shapeMismatch, path: url.path, field: name, offset: coefficients.offset,
        problem:
          "factors \(coefficients.rows) × \(coefficients.columns) and \(basis.rows) × \(basis.columns) do not make "
          + "\(expected.rows) × \(expected.columns)")
    }
  }
}

/// Opens the linear maps of a file; maps that share a basis share its packed weights.
struct LinearLoader {
  let file: ModelFile
  private var bases: [String: DenseLinear] = [:]

  init(_ file: ModelFile) { self.file = file }

  /// The map at an address, dense or factored as the file has it.
  mutating func linear(_ address: LinearAddress) throws(ModelFileError) -> any LinearOperator {
    let identifier = "\(address.layer).\(address.site.rawValue)"
    guard let name = file.basisName(address) else {
      return DenseLinear(try file.tensor(address.site.tensor(layer: address.layer)), identifier: identifier)
    }
    let basis: DenseLinear
    if let known = bases[name] {
      basis = known
    } else {
      basis = DenseLinear(try file.tensor(named: name), identifier: name)
    }
    bases[name] = basis
    return FactoredLinear(
      basis: basis,
      coefficients: DenseLinear(
        try file.tensor(named: SharedBasisLayout.coefficients(address)), identifier: identifier))
  }
}
