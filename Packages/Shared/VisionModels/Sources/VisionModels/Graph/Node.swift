/// One layer of a ``Network``: a name, what it computes, and the names of the nodes it reads.
public struct Node: Sendable, Equatable {
  /// Unique name; parameters are called `<name>.weight` and so on, as PyTorch modules would be.
  public var name: String
  /// What the node computes.
  public var op: Operation
  /// Names of the nodes whose outputs are read, in order.
  public var inputs: [String]

  /// Creates a node.
  public init(name: String, op: Operation, inputs: [String]) {
    self.name = name
    self.op = op
    self.inputs = inputs
  }

  /// The parameters and buffers the node owns, with full names (`"conv1.weight"`), in PyTorch's order.
  public var parameterSpecifications: [ParameterSpecification] {
    op.parameterSpecifications.map { local in
      ParameterSpecification(name: name + "." + local.name, shape: local.shape, role: local.role)
    }
  }

  /// What a node computes. Nested, because Foundation has an `Operation` too.
  public enum Operation: Sendable, Equatable {
    /// The image batch `[batch, height, width, channels]`; always the first node.
    case input
    /// Convolution.
    case conv2d(Conv2d)
    /// Batch normalisation over the channels.
    case batchNorm(BatchNorm)
    /// `max(x, 0)`.
    case relu
    /// `min(max(x, 0), 6)`.
    case relu6
    /// `x · Φ(x)`, the exact erf form.
    case gelu
    /// `x · sigmoid(x)`.
    case silu
    /// `1 / (1 + exp(−x))`.
    case sigmoid
    /// `relu6(x + 3) / 6`.
    case hardSigmoid
    /// Hyperbolic tangent.
    case tanh
    /// `x` where positive, else `slope · x`.
    case leakyReLU(slope: Float)
    /// Maximum over windows.
    case maxPool(Pool)
    /// Mean over windows; `countIncludePad` says whether padding counts in the divisor.
    case avgPool(Pool, countIncludePad: Bool)
    /// Mean over all pixels: `[h, w, c]` to `[c]`.
    case globalAveragePool
    /// `[h, w, c]` to a vector in PyTorch's order (channel, row, column).
    case flatten
    /// Fully connected layer on a vector.
    case linear(Linear)
    /// Sum of two or more equal shapes.
    case add
    /// Concatenation along the channels.
    case concat
    /// The parameter-free ResNet shortcut.
    case padShortcut(PadShortcut)
    /// Inverted dropout with the given probability of zeroing; the identity in evaluation.
    case dropout(Float)
    /// Passes its input on.
    case identity
    /// Zeros of the input's shape (the `none` edge of a NAS cell).
    case zero
    /// Multiplication by a constant.
    case scale(Float)
    /// An operation from another package (quantised arithmetic, crossbars, basis filters, …).
    case custom(any CustomOperation)

    /// Equality of kind and attributes; custom operations are compared by kind and configuration.
    public static func == (a: Operation, b: Operation) -> Bool {
      switch (a, b) {
      case (.input, .input), (.relu, .relu), (.relu6, .relu6), (.gelu, .gelu), (.silu, .silu), (.sigmoid, .sigmoid),
        (.hardSigmoid, .hardSigmoid), (.tanh, .tanh), (.globalAveragePool, .globalAveragePool), (.flatten, .flatten),
        (.add, .add), (.concat, .concat), (.identity, .identity), (.zero, .zero):
        true
      case (.conv2d(let x), .conv2d(let y)): x == y
      case (.batchNorm(let x), .batchNorm(let y)): x == y
      case (.leakyReLU(let x), .leakyReLU(let y)): x == y
      case (.maxPool(let x), .maxPool(let y)): x == y
      case (.avgPool(let x, let p), .avgPool(let y, let q)): x == y && p == q
      case (.linear(let x), .linear(let y)): x == y
      case (.padShortcut(let x), .padShortcut(let y)): x == y
      case (.dropout(let x), .dropout(let y)): x == y
      case (.scale(let x), .scale(let y)): x == y
      case (.custom(let x), .custom(let y)): x.kind == y.kind && x.configuration == y.configuration
      default: false
      }
    }
  }
}
