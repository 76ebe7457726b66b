import TinyTensor

/// A made-up room that is occupied or not: what experiments use, and say so, when the real tables are absent.
public enum SyntheticSamples {
  /// Rows of seven features whose classes overlap a little.
  public static func room(rows: Int = 4000, seed: UInt64 = 0) throws(LogicFlowError) -> SampleTable {
    var random = Philox(seed: seed, stream: "logicflow.synthetic")
    var values: [Float] = []
    var labels: [Int] = []
    for _ in 0..<rows {
      let hour = 24 * random.uniform()
      let weekend: Float = random.uniform() < 0.28 ? 1 : 0
      let works = weekend == 0 && hour > 7 && hour < 18
      let occupied = random.uniform() < (works ? 0.75 : 0.03)
      let presence: Float = occupied ? 1 : 0
      let daylight = max(0, 6 - abs(hour - 13)) * 40
      values += [
        20 + 1.5 * presence + 0.8 * random.normal(), 27 + 4 * random.normal(),
        daylight * random.uniform() + 420 * presence + 20 * abs(random.normal()),
        500 + 380 * presence + 110 * abs(random.normal()), 0.0038 + 0.0006 * random.normal(), hour, weekend,
      ]
      labels.append(occupied ? 1 : 0)
    }
    return try SampleTable(
      name: "synthetic room", features: ["temperature", "humidity", "light", "co2", "ratio", "hour", "weekend"],
      values: values, labels: labels)
  }
}
