import FileKit
import TinyTensor
import VisionModels

/// What can go wrong when a network is encoded, trained, scheduled or simulated.
///
/// ``description`` is one line: what, where, and how to mend it.
public enum BasisNError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A setting lies outside its range.
  case invalidSetting(String, value: String, expected: String)
  /// The basis does not fit on the chip.
  case tooManyVectors(basis: Int, columns: Int, detail: String)
  /// A weight is NaN or infinite.
  case badWeights(layer: String, index: Int)
  /// The network has nothing that could be put on crossbars.
  case nothingToEncode(String)
  /// Two things that were given do not belong together.
  case mismatch(String)
  /// A preset, network or verb that nobody knows.
  case unknownName(kind: String, name: String, known: [String])
  /// A file is not what it should be.
  case invalidFile(path: String, detail: String)
  /// Training met a loss that is no number.
  case diverged(step: Int, learningRate: Float, kept: String)
  /// A linear system could not be solved to the promised accuracy.
  case notSolved(String)
  /// A physical model was asked outside the range it was fitted on.
  case beyondFit(model: String, value: Double, valid: ClosedRange<Double>, unit: String)
  /// The network itself is at fault.
  case network(NetworkError)
  /// A file could not be read or written.
  case file(FileError)

  public var description: String {
    switch self {
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .tooManyVectors(let basis, let columns, let detail):
      "\(basis) basis vectors do not fit into \(columns) signed columns (\(detail)); use fewer vectors, fewer replicas or more "
        + "crossbars"
    case .badWeights(let layer, let index):
      "layer \(layer): weight \(index) is NaN or infinite; load an intact checkpoint"
    case .nothingToEncode(let detail):
      "nothing to put on crossbars: \(detail)"
    case .mismatch(let detail):
      "does not belong together: \(detail)"
    case .unknownName(let kind, let name, let known):
      "there is no \(kind) '\(name)'; known are \(known.joined(separator: ", "))"
    case .invalidFile(let path, let detail):
      "\(path): \(detail)"
    case .diverged(let step, let learningRate, let kept):
      "the loss became NaN or infinite at step \(step) with learning rate \(learningRate); \(kept); train with a smaller rate"
    case .notSolved(let detail):
      "the resistive grid was not solved: \(detail)"
    case .beyondFit(let model, let value, let valid, let unit):
      "programming-error model \(model) is fitted for \(valid.lowerBound)…\(valid.upperBound) \(unit), but a cell has \(value) "
        + "\(unit); choose other cell conductances or another model"
    case .network(let error):
      error.description
    case .file(let error):
      error.description
    }
  }
}

/// Runs `body` and turns the network's error into this package's.
func asBasisNError<R>(_ body: () throws(NetworkError) -> R) throws(BasisNError) -> R {
  do {
    return try body()
  } catch {
    throw .network(error)
  }
}

/// Throws unless a setting lies in its range.
func require(
  _ condition: Bool, _ name: String, _ value: some CustomStringConvertible, _ expected: String
) throws(BasisNError) {
  guard condition else { throw .invalidSetting(name, value: "\(value)", expected: expected) }
}
