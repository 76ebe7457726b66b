/// Times training without validation.
struct TrainingStopwatch {
  private let clock = ContinuousClock()
  private let start = ContinuousClock().now
  private var epochStart = ContinuousClock().now
  private var images = 0
  private var epochImages = 0
  private var busy = 0.0
  private(set) var epochRate = 0.0

  mutating func beginEpoch() {
    epochStart = clock.now
    epochImages = 0
  }

  mutating func count(_ batch: Int) {
    images += batch
    epochImages += batch
  }

  mutating func endEpoch() {
    let time = VisionModels.seconds(epochStart.duration(to: clock.now))
    epochRate = time > 0 ? Double(epochImages) / time : 0
    busy += time
    epochImages = 0
  }

  /// Images per second so far.
  var rate: Double {
    let time = busy + (epochImages > 0 ? VisionModels.seconds(epochStart.duration(to: clock.now)) : 0)
    return time > 0 ? Double(images) / time : 0
  }

  var totals: (seconds: Double, imagesPerSecond: Double) {
    (VisionModels.seconds(start.duration(to: clock.now)), rate)
  }
}
