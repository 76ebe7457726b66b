import TinyTensor

/// A fully connected layer with parameters `"<name>.weight"` `[out, in]` and `"<name>.bias"` `[out]`.
public struct LinearLayer: Module {
  /// `[out, in]`.
  public let weight: Variable
  /// `[out]`, if any.
  public let bias: Variable?

  /// Creates a layer with PyTorch's initialisation, uniform in ±1/sqrt(inputs).
  public init(_ name: String, inputs: Int, outputs: Int, bias: Bool = true, using generator: inout Philox) {
    let bound = 1 / Float(max(1, inputs)).squareRoot()
    weight = Variable(
      .uniform([outputs, inputs], in: -bound...bound, using: &generator), requiresGradient: true,
      name: name + ".weight")
    self.bias =
      bias
      ? Variable(
        .uniform([outputs], in: -bound...bound, using: &generator), requiresGradient: true, name: name + ".bias")
      : nil
  }

  /// Weight and bias.
  public var parameters: [Variable] { [weight] + (bias.map { [$0] } ?? []) }
  /// `x · weightᵀ + bias`, `[rows…, in]` → `[rows…, out]`.
  public func callAsFunction(_ x: Variable) -> Variable { linear(x, weight: weight, bias: bias) }
}

/// Layer normalisation with parameters `"<name>.weight"` and `"<name>.bias"`, `[features]`.
public struct LayerNormLayer: Module {
  /// Scale, 1 at first.
  public let weight: Variable
  /// Shift, 0 at first.
  public let bias: Variable

  /// Creates a layer.
  public init(_ name: String, features: Int) {
    weight = Variable(Tensor(repeating: 1, shape: [features]), requiresGradient: true, name: name + ".weight")
    bias = Variable(Tensor(zeros: [features]), requiresGradient: true, name: name + ".bias")
  }

  /// Scale and shift.
  public var parameters: [Variable] { [weight, bias] }
  /// Normalises the last dimension.
  public func callAsFunction(_ x: Variable) -> Variable { layerNorm(x, weight: weight, bias: bias) }
}

/// A table of vectors with the parameter `"<name>.weight"` `[entries, features]`.
public struct EmbeddingLayer {
  /// `[entries, features]`.
  public let weight: Variable

  /// Creates a table of normal numbers.
  public init(
    _ name: String, entries: Int, features: Int, standardDeviation: Float = 1, using generator: inout Philox
  ) {
    weight = Variable(
      .normal([entries, features], standardDeviation: standardDeviation, using: &generator), requiresGradient: true,
      name: name + ".weight")
  }

  /// All parameters.
  public var parameters: [Variable] { [weight] }
  /// The vectors of the given entries, `[ids.count, features]`.
  public func callAsFunction(_ ids: [Int]) -> Variable { embedding(weight, ids) }
}

/// A function without parameters as a module.
public struct Activation: Module {
  private let function: (Variable) -> Variable

  /// Wraps a function, such as `relu`.
  public init(_ function: @escaping (Variable) -> Variable) { self.function = function }

  /// None.
  public var parameters: [Variable] { [] }
  /// Applies the function.
  public func callAsFunction(_ x: Variable) -> Variable { function(x) }
}

/// Modules one after the other.
public struct Sequential: Module {
  /// The modules in order.
  public let modules: [any Module]

  /// Creates a chain.
  public init(_ modules: any Module...) { self.modules = modules }

  /// The parameters of all modules in order.
  public var parameters: [Variable] { modules.flatMap(\.parameters) }
  /// Passes `x` through all modules.
  public func callAsFunction(_ x: Variable) -> Variable { modules.reduce(x) { $1($0) } }
}
