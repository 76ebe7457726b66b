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
    let parts =
      flow.region.bounds.flatMap(parts) + flow.region.combinations.flatMap(parts) + flow.region.literals.map(part)
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

  /// An oblique test; a hidden output is a number without a unit.
  private func parts(_ combination: LinearBound) -> [String] {
    var offset: Float = 0
    let terms = combination.terms.map { term -> (Float, String) in
      if let place = file.network.hiddenNeuron(ofVariable: term.variable) {
        return (Float(term.coefficient), "y\(place.layer + 1).\(place.neuron)")
      }
      return scaled(Float(term.coefficient), feature: term.variable, &offset)
    }
    let sum = text(terms)
    return (combination.lower.map { ["\(sum) ≥ \(number(Float($0) + offset))"] } ?? [])
      + (combination.upper.map { ["\(sum) ≤ \(number(Float($0) + offset))"] } ?? [])
  }

  private func part(_ literal: Literal) -> String {
    let sign = literal.positive ? ">" : "≤"
    guard literal.layer == 0 else { return "neuron \(literal.neuron) of layer \(literal.layer + 1) \(sign) 0" }
    let layer = file.network.layers[0]
    var limit = -Float(layer.bias[literal.neuron])
    let terms = layer.weights[literal.neuron].enumerated().filter { $0.element != 0 }.map { feature, weight in
      scaled(Float(weight), feature: feature, &limit)
    }
    return "\(text(terms)) \(sign) \(number(limit))"
  }

  /// A factor of an integer feature as a factor of the feature in its own unit; what the scaling subtracts goes to the other side.
  private func scaled(_ factor: Float, feature: Int, _ offset: inout Float) -> (Float, String) {
    let step = file.scaler?.step[feature] ?? 1
    offset += factor * (file.scaler?.minimum[feature] ?? 0) / step
    return (factor / step, file.network.input.name(feature))
  }

  private func text(_ terms: [(factor: Float, name: String)]) -> String {
    terms.map { "\(number($0.factor))·\($0.name)" }.joined(separator: " + ").replacingOccurrences(of: "+ -", with: "− ")
  }

  private func number(_ value: Float) -> String { String(format: "%.4g", Double(value)) }
}
