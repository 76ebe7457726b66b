import Foundation
import LogicFlowVerify

/// Says in words, and in the units of the features, why a program answered what it did.
public struct Explainer: Sendable {
  private let file: FlowFile
  private let program: LogicProgram

  /// Why one input got its class.
  public struct Explanation: Codable, Sendable, Hashable {
    /// The class.
    public var outcome: Int
    /// Which exit was taken; the last one is the full network.
    public var exit: Int
    /// Multiply-accumulates that were executed.
    public var macs: Int
    /// One sentence.
    public var sentence: String
  }

  /// An explainer of a converted network.
  public init(_ file: FlowFile) {
    self.file = file
    program = file.program()
  }

  /// Explains the answer for `x`.
  public func explain(_ x: [UInt8]) -> Explanation {
    let run = program.run(x)
    let sentence: String
    if run.exit < file.flows.count {
      sentence = self.sentence(file.flows[run.exit])
    } else if run.exit < program.exits {
      sentence =
        "after \(run.macs) of \(file.network.macs) products no remaining neuron can change the decision for class \(run.outcome)"
    } else {
      sentence = "no shortcut applies: the whole network decides for class \(run.outcome)"
    }
    return Explanation(outcome: run.outcome, exit: run.exit, macs: run.macs, sentence: sentence)
  }

  /// The meaning of a flow.
  public func sentence(_ flow: Flow) -> String {
    let parts = flow.region.bounds.flatMap(parts) + flow.region.literals.map(part)
    let ending = flow.certificate == nil ? "" : ", proved for every possible reading"
    return parts.joined(separator: " and ") + " ⇒ class \(flow.outcome)" + ending
  }

  private func parts(_ bound: VariableBound) -> [String] {
    let name = file.network.input.name(bound.variable)
    let domain = file.network.input.range(bound.variable)
    // Scaling rounds: the limit lies half a step beyond the integer.
    func value(_ integer: Int, _ half: Float) -> String {
      guard let scaler = file.scaler else { return "\(integer)" }
      return number(scaler.real(integer, feature: bound.variable) + half * scaler.step[bound.variable])
    }
    return (bound.lower > domain.lowerBound ? ["\(name) ≥ \(value(bound.lower, -0.5))"] : [])
      + (bound.upper < domain.upperBound ? ["\(name) < \(value(bound.upper, 0.5))"] : [])
  }

  private func part(_ literal: Literal) -> String {
    let sign = literal.positive ? ">" : "≤"
    guard literal.layer == 0 else { return "neuron \(literal.neuron) of layer \(literal.layer + 1) \(sign) 0" }
    let layer = file.network.layers[0]
    var limit = -Float(layer.bias[literal.neuron])
    var terms: [String] = []
    for (feature, weight) in layer.weights[literal.neuron].enumerated() where weight != 0 {
      let step = file.scaler?.step[feature] ?? 1
      limit += Float(weight) * (file.scaler?.minimum[feature] ?? 0) / step
      terms.append("\(number(Float(weight) / step))·\(file.network.input.name(feature))")
    }
    return terms.joined(separator: " + ").replacingOccurrences(of: "+ -", with: "− ") + " \(sign) \(number(limit))"
  }

  private func number(_ value: Float) -> String { String(format: "%.4g", Double(value)) }
}
