import Foundation
import JSONC
import VisionModels

/// What a pruned network knows about its past: how wide every layer was and which of the original filters are left.
///
/// Travels in the network's metadata, so that a file that was pruned before can be pruned on, with the original widths for the
/// floor, and every remaining filter can be found in the original.
public struct PruningHistory: Sendable, Hashable {
  /// Width of every layer before any pruning.
  public private(set) var originalWidths: [String: Int]
  /// For every layer that lost filters, the original index of each remaining one, ascending.
  public private(set) var kept: [String: [Int]]

  static let widthsKey = "widths"
  static let originalWidthsKey = "original_widths"
  static let keptKey = "kept_filters"

  /// Reads the history of a network; one that was never pruned has its present widths and an empty ``kept``.
  public init(of network: Network) {
    originalWidths = Self.widths(of: network)
    kept = [:]
    if let earlier: [String: Int] = Self.decode(network.metadata[Self.originalWidthsKey]) {
      originalWidths.merge(earlier) { $1 }
    }
    if let earlier: [String: [Int]] = Self.decode(network.metadata[Self.keptKey]) { kept = earlier }
  }

  /// Filters of every convolution and linear layer.
  public static func widths(of network: Network) -> [String: Int] {
    var result: [String: Int] = [:]
    for node in network.nodes {
      switch node.op {
      case .conv2d(let conv): result[node.name] = conv.outputChannels
      case .linear(let linear): result[node.name] = linear.outputFeatures
      default: break
      }
    }
    return result
  }

  /// The history after another removal; `remaining` holds the kept output indices per node, nil for all.
  func following(_ units: ChannelUnits, kept remaining: [[Int]?]) -> PruningHistory {
    var result = self
    for node in units.producingNodes {
      guard let indices = remaining[node] else { continue }
      let name = units.nodeNames[node]
      if let earlier = kept[name], earlier.count == units.outputUnits[node].count {
        result.kept[name] = indices.map { earlier[$0] }
      } else {
        result.kept[name] = indices
      }
    }
    return result
  }

  func write(to network: inout Network) {
    network.metadata[Self.widthsKey] = Self.encode(Self.widths(of: network).mapValues { JSONValue.integer(Int64($0)) })
    network.metadata[Self.originalWidthsKey] = Self.encode(originalWidths.mapValues { .integer(Int64($0)) })
    network.metadata[Self.keptKey] = Self.encode(
      kept.mapValues { .array($0.map { .integer(Int64($0)) }) })
  }

  private static func encode(_ values: [String: JSONValue]) -> String {
    JSON.serialize(
      .object(JSONObject(uniqueKeysWithValues: values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })))
  }

  private static func decode<T: Decodable>(_ text: String?) -> T? {
    text.flatMap { try? JSON.decode(T.self, from: Data($0.utf8)) }
  }
}
