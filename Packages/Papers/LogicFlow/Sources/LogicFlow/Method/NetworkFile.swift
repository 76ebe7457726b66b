import FileKit
import Foundation
import JSONC
import LogicFlowVerify

/// Network files (`logicflow-network/1`).
public enum NetworkFile {
  /// Reads and checks a network.
  public static func read(_ url: URL) throws(LogicFlowError) -> IntegerNetwork {
    do {
      return try decode(JSON.parse(contentsOf: url))
    } catch let error as JSONError {
      throw .json(error)
    } catch let error as LogicFlowError {
      throw error
    } catch {
      throw .invalidNetwork(path: url.lastPathComponent, reason: "\(error)")
    }
  }

  /// Decodes and checks a network.
  public static func decode(_ value: JSONValue) throws(LogicFlowError) -> IntegerNetwork {
    do {
      return try JSON.decode(IntegerNetwork.self, from: value)
    } catch let error as InvalidNetwork {
      throw .invalidNetwork(path: error.path, reason: error.reason)
    } catch let error as JSONError {
      throw .invalidNetwork(path: error.codingPath ?? "file", reason: error.reason)
    } catch {
      throw .invalidNetwork(path: "file", reason: "\(error)")
    }
  }

  /// Writes a network.
  public static func write(_ network: IntegerNetwork, to url: URL) throws {
    try AtomicFile.write(JSON.encode(network), to: url)
  }

  /// SHA-256 of the canonical text, which flow files carry.
  public static func fingerprint(_ network: IntegerNetwork) throws -> String {
    SHA256.hexDigest(of: try JSON.encode(network))
  }
}
