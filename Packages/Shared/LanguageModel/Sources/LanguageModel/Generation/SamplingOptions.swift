/// How the next token is chosen from the logits.
///
/// The steps in order: repetition penalty, temperature, top-k, top-p, min-p, draw. The defaults leave the distribution as it is;
/// ``greedy`` takes the most probable token.
public struct SamplingOptions: Sendable, Hashable, Codable {
  /// Divides the logits; 0 means greedy.
  public var temperature: Double
  /// Only the k most probable tokens; 0 means all.
  public var topK: Int
  /// Only the most probable tokens that together reach this probability (nucleus sampling; Holtzman et al. 2020); 1 means all.
  public var topP: Double
  /// Only tokens at least this fraction as probable as the most probable one; 0 means all.
  public var minP: Double
  /// Logits of tokens that occurred recently are divided by this if positive, multiplied if negative (Keskar et al. 2019); 1 is off.
  public var repetitionPenalty: Double
  /// How many of the last tokens count as recent.
  public var repetitionWindow: Int
  /// Seed of the draws.
  public var seed: UInt64

  /// Creates options.
  public init(
    temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0, repetitionPenalty: Double = 1,
    repetitionWindow: Int = 64, seed: UInt64 = 0
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.repetitionWindow = repetitionWindow
    self.seed = seed
  }

  /// The most probable token; of equal ones the first.
  public static let greedy = SamplingOptions(temperature: 0)

  /// What is wrong with the options.
  var flaw: String? {
    if !(temperature >= 0 && temperature.isFinite) { return "temperature must be 0 or positive, got \(temperature)" }
    if topK < 0 { return "topK must be 0 or positive, got \(topK)" }
    if !(topP > 0 && topP <= 1) { return "topP must be in (0, 1], got \(topP)" }
    if !(minP >= 0 && minP <= 1) { return "minP must be in [0, 1], got \(minP)" }
    if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
      return "repetitionPenalty must be positive, got \(repetitionPenalty)"
    }
    if repetitionWindow < 0 { return "repetitionWindow must not be negative, got \(repetitionWindow)" }
    return nil
  }
}
