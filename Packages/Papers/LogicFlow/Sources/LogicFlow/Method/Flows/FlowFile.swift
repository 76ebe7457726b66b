import FileKit
import Foundation
import JSONC
import LogicFlowVerify

/// A converted network: the flows with their proofs, the schedule, and the network they belong to (`logicflow-flow/1`).
public struct FlowFile: Codable, Sendable {
  /// The `format` field.
  public static let currentFormat = "logicflow-flow/1"

  /// ``currentFormat``.
  public var format: String
  /// SHA-256 of the network's canonical text.
  public var fingerprint: String
  /// The network.
  public var network: IntegerNetwork
  /// How features were scaled, for explanations in their units.
  public var scaler: FeatureScaler?
  /// Flows in the order of their tests.
  public var flows: [Flow]
  /// The schedule of the program.
  public var schedule: ProgramSchedule

  /// Binds flows to `network`.
  public init(network: IntegerNetwork, scaler: FeatureScaler? = nil, flows: [Flow], schedule: ProgramSchedule) throws {
    format = Self.currentFormat
    fingerprint = try NetworkFile.fingerprint(network)
    self.network = network
    self.scaler = scaler
    self.flows = flows
    self.schedule = schedule
  }

  /// Reads a file and checks that its parts belong together.
  public init(reading url: URL) throws(LogicFlowError) {
    do { self = try JSON.read(FlowFile.self, from: url) } catch let error as JSONError { throw .json(error) } catch let
      error as InvalidNetwork
    { throw .invalidNetwork(path: error.path, reason: error.reason) } catch {
      throw .mismatch("\(url.lastPathComponent): \(error)")
    }
    guard format == Self.currentFormat else {
      throw .mismatch("\(url.lastPathComponent) has format '\(format)', expected '\(Self.currentFormat)'")
    }
    try requireBinding(to: network)
    for (index, flow) in flows.enumerated() {
      do { try flow.region.validate(for: network) } catch { throw .refused(flow: index, reason: error.reason) }
      guard (0..<network.classes).contains(flow.outcome) else {
        throw .refused(flow: index, reason: "there is no class \(flow.outcome)")
      }
      guard flow.region.bounds.allSatisfy({ $0.variable < network.inputs }) else {
        throw .refused(flow: index, reason: "a test on a hidden value")
      }
    }
  }

  /// Refuses any other network than the one the flows were made for.
  public func requireBinding(to network: IntegerNetwork) throws(LogicFlowError) {
    guard let own = try? NetworkFile.fingerprint(network), own == fingerprint else {
      throw .mismatch(
        "the flow file was made for another network (SHA-256 \(fingerprint.prefix(12))…); convert this one")
    }
  }

  /// Writes the file.
  public func write(to url: URL) throws { try AtomicFile.write(JSON.encode(self), to: url) }

  /// Checks every certificate in exact integers, and returns how many leaves that took.
  ///
  /// Margin exits need no certificate: their thresholds follow from the network whenever the program is built.
  @discardableResult
  public func verify() throws(LogicFlowError) -> Int {
    let checker = CertificateChecker(network)
    var leaves = 0
    for (index, flow) in flows.enumerated() {
      guard let certificate = flow.certificate else { throw .refused(flow: index, reason: "it has no certificate") }
      do { try checker.check(certificate, region: flow.region, outcome: flow.outcome) } catch {
        throw .refused(flow: index, reason: error.description)
      }
      leaves += certificate.leaves
    }
    return leaves
  }

  /// The program.
  public func program(name: String = "classify") -> LogicProgram {
    LogicProgram(name: name, network: network, flows: flows, schedule: schedule)
  }
}
