import TinyTensor

/// One tensor per parameter that an optimiser or an average carries from step to step.
struct Slots: Sendable {
  private(set) var tensors: [String: Tensor] = [:]

  /// Takes the entries of `state` whose key begins with `prefix`.
  init(_ state: [String: Tensor] = [:], prefix: String = "") {
    for (key, tensor) in state where key.hasPrefix(prefix) { tensors[String(key.dropFirst(prefix.count))] = tensor }
  }

  subscript(key: String) -> Tensor? {
    get { tensors[key] }
    set { tensors[key] = newValue }
  }

  /// Changes a slot, zero at first, in place.
  mutating func update(_ key: String, shape: [Int], _ body: (inout Tensor) -> Void) {
    body(&tensors[key, default: Tensor(zeros: shape)])
  }

  /// The slots with `prefix` before each key.
  func prefixed(_ prefix: String) -> [String: Tensor] {
    [String: Tensor](uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) })
  }
}
