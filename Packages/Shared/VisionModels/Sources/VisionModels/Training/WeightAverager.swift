import TinyNN
import TinyTensor

/// Keeps the running average that ``WeightAveraging`` describes, over trainable tensors and running statistics.
struct WeightAverager {
  private enum Rule {
    case none
    case exponential(ExponentialMovingAverage)
    case lookahead(Lookahead, every: Int, decay: Float)
  }

  private var rule: Rule

  init(_ averaging: WeightAveraging, _ parameters: ParameterSet) {
    switch averaging {
    case .none:
      rule = .none
    case .exponential(let decay):
      var average = ExponentialMovingAverage(decay: decay)
      average.update(parameters.evolving)
      rule = .exponential(average)
    case .lookahead(let every, let decay):
      rule = .lookahead(Lookahead(parameters.evolving), every: max(every, 1), decay: decay)
    }
  }

  /// Called after every optimiser step (`step` counts from 1). After the last one the weights become the average.
  mutating func update(_ parameters: ParameterSet, step: Int, of total: Int) {
    switch rule {
    case .none: return
    case .exponential(var average):
      rule = .none
      average.update(parameters.evolving)
      if step == total { average.copy(to: parameters.evolving) }
      rule = .exponential(average)
    case .lookahead(var slow, let every, let decay):
      rule = .none
      let progress = Float(step) / Float(max(total, 1))
      if step % every == 0 { slow.update(parameters.evolving, decay: decay * progress * progress * progress) }
      if step == total { slow.update(parameters.evolving, decay: 1) }
      rule = .lookahead(slow, every: every, decay: decay)
    }
  }

  /// The averages for checkpoints.
  var state: [String: Tensor] {
    get {
      switch rule {
      case .none: [:]
      case .exponential(let average): average.state
      case .lookahead(let slow, _, _): slow.state
      }
    }
    set {
      switch rule {
      case .none: return
      case .exponential(var average):
        average.state = newValue
        rule = .exponential(average)
      case .lookahead(var slow, let every, let decay):
        slow.state = newValue
        rule = .lookahead(slow, every: every, decay: decay)
      }
    }
  }
}

extension ParameterSet {
  /// Everything that changes in training: trainable tensors and running statistics, in graph order.
  var evolving: [Variable] { all + statistics }

  /// Overwrites trainable tensors and running statistics.
  func assign(_ tensors: [String: Tensor]) {
    for variable in evolving {
      if let name = variable.name, let value = tensors[name] { variable.value = value }
    }
  }
}
