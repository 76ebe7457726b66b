import FileKit
import JSONC
import LogicFlowVerify

/// What can go wrong between a table of samples and firmware.
///
/// ``description`` is one line: what, where, and how to mend it.
public enum LogicFlowError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A cell or row of a table is not what it should be.
  case invalidRow(file: String, line: Int, column: String, value: String, expected: String)
  /// A table as a whole cannot be learnt from.
  case invalidTable(file: String, reason: String)
  /// A network breaks a rule of its format.
  case invalidNetwork(path: String, reason: String)
  /// A certificate does not prove what it should.
  case refused(flow: Int, reason: String)
  /// Two files do not belong together.
  case mismatch(String)
  /// A setting lies outside its range.
  case invalidSetting(name: String, value: String, expected: String)
  /// A program file is not for this simulator.
  case invalidProgram(String)
  /// The simulated program did something impossible.
  case machine(pc: UInt32, reason: String)
  /// An external compiler is missing or refuses.
  case compiler(String)
  /// Training met a loss that is no number.
  case diverged(epoch: Int)
  /// Unreadable JSON.
  case json(JSONError)
  /// Unreadable file.
  case file(FileError)

  public var description: String {
    switch self {
    case .invalidRow(let file, let line, let column, let value, let expected):
      "\(file):\(line): \(column) is '\(value)', expected \(expected)"
    case .invalidTable(let file, let reason): "\(file): \(reason)"
    case .invalidNetwork(let path, let reason): "network: \(path): \(reason)"
    case .refused(let flow, let reason): "flow \(flow): \(reason); convert the network again"
    case .mismatch(let detail): "does not belong together: \(detail)"
    case .invalidSetting(let name, let value, let expected): "\(name) is \(value), expected \(expected)"
    case .invalidProgram(let detail): "program: \(detail)"
    case .machine(let pc, let reason): "simulated core at pc 0x\(String(pc, radix: 16)): \(reason)"
    case .compiler(let detail): detail
    case .diverged(let epoch): "the loss is no number in epoch \(epoch); use a smaller learning rate"
    case .json(let error): error.description
    case .file(let error): error.description
    }
  }
}
