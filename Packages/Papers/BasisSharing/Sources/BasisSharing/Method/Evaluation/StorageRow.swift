import ReproductionKit

/// Bytes, perplexity and speed of one way to store a model.
public struct StorageRow: Sendable, Hashable, Codable {
  /// What it is called.
  public let name: String
  /// Bytes of the matrices of the layers.
  public let blockBytes: Int
  /// Bytes of all weights.
  public let totalBytes: Int
  /// Perplexity of the text.
  public let perplexity: Double
  /// Perplexity of a second text, if it was measured.
  public let secondPerplexity: Double?
  /// Tokens per second.
  public let throughput: Throughput

  /// A row.
  public init(
    name: String, blockBytes: Int, totalBytes: Int, perplexity: Double, secondPerplexity: Double? = nil,
    throughput: Throughput
  ) {
    self.name = name
    self.blockBytes = blockBytes
    self.totalBytes = totalBytes
    self.perplexity = perplexity
    self.secondPerplexity = secondPerplexity
    self.throughput = throughput
  }

  /// The table of several ways to store one model.
  ///
  /// - Parameters:
  ///   - caption: How the figures were obtained.
  ///   - texts: The names of the texts.
  public static func table(_ rows: [StorageRow], caption: String, texts: [String]) -> Table {
    let hasSecond = texts.count > 1
    var table = Table(
      title: "What the bytes buy", caption: caption,
      columns: [
        .text("model"), .number("blocks", unit: "MB", decimals: 1), .number("all", unit: "MB", decimals: 1),
      ] + texts.prefix(2).map { .number($0, decimals: 2) } + [
        .number("prefill", unit: "tokens/s", decimals: 0), .number("decode", unit: "tokens/s", decimals: 0),
      ])
    for row in rows {
      let second: TableCell = row.secondPerplexity.map { .number($0) } ?? nil
      table.append(
        [
          .text(row.name), .number(1e-6 * Double(row.blockBytes)), .number(1e-6 * Double(row.totalBytes)),
          .number(row.perplexity),
        ] + (hasSecond ? [second] : []) + [.number(row.throughput.prefill), .number(row.throughput.decode)])
    }
    return table
  }
}
