import VisionModels

/// The same representation with a basis of its own for every layer, which must be written whenever its layer comes: shows what
/// sharing one basis costs.
public enum PerLayerBasis {
  /// The network with every layer coded by itself.
  public static func network(
    _ network: Network, configuration: EncodingConfiguration
  ) throws(BasisNError) -> Network {
    let names = try NetworkShape(network).layers.map(\.name).filter { !configuration.digitalLayers.contains($0) }
    var result = network
    for name in names {
      var own = configuration
      own.digitalLayers = configuration.digitalLayers.union(names.filter { $0 != name })
      let code = try BasisCode(encoding: network, configuration: own)
      let weight = name + ".weight"
      result.parameters[weight] = code.network(network).parameters[weight]
    }
    return result
  }
}
