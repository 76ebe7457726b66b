import ReproductionKit
import TinyTensor
import VisionModels

/// Claims Q1–Q3: the starting point, the distribution of the scores, determinism.
struct BaselineStudy {
  let context: RunContext
  let subject: Subject

  /// Edges of the bins of the specification's histogram (section 2.4).
  static let edges: [Float] = [0, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5, 10]
  /// The specification's histogram of ResNet-20, measured on the first 10 images per class of another order of CIFAR-10.
  static let specifiedHistogram = [18, 1, 1, 13, 44, 55, 91, 119, 99, 80, 36, 131]
  /// The same from an independent implementation (PyTorch 2.13: forward with `retain_grad` on every convolution's output,
  /// mean cross-entropy per class, `|a · grad| > 0`) on the first 10 images per class of the shuffled PNG atlas below.
  static let atlasHistogram = [18, 0, 2, 13, 40, 74, 82, 119, 116, 60, 40, 124]
  /// SHA-256 over the pixels of the atlas's training split.
  static let atlasPixels = "bc0b8e223a2f28e10558c8c8be0f8f1eb97b17c83b67794dec7d3c060e2238f9"

  /// Accuracies on the test split, in percent.
  struct Accuracies: Codable {
    var shallow: Double
    var deep: Double?
  }

  func accuracies() throws -> Accuracies {
    try context.step("baseline") {
      let shallow = try evaluate(subject.network)
      try context.checkCancellation()
      guard subject.isReference, context.catalog.isAvailable("resnet56-cifar10") else {
        return Accuracies(shallow: shallow.accuracy * 100, deep: nil)
      }
      let deep = try evaluate(try Subject.pretrained(context, depth: 56))
      return Accuracies(shallow: shallow.accuracy * 100, deep: deep.accuracy * 100)
    }
  }

  func evaluate(_ network: Network) throws -> Evaluation {
    try InferenceEngine(network).evaluate(
      subject.test, normalization: subject.normalization, isCancelled: { context.isCancelled })
  }

  func scores() throws -> ClassScores {
    try context.step("scores") {
      try ClassScorer().scores(subject.network, data: subject.original, normalization: subject.normalization)
    }
  }

  /// Q1.
  func baselineClaim(_ accuracies: Accuracies) -> Claim {
    let statement = "pretrained ResNet-20 and ResNet-56 classify \(subject.test.count) test images as published"
    guard subject.isReference, let deep = accuracies.deep else {
      return .notTested(
        id: "Q1", statement: statement, paperValue: "91.73 %, 93.39 %",
        reason: subject.isReference ? "the ResNet-56 weights are not on this machine" : subject.reason)
    }
    return Claim(
      id: "Q1", statement: statement, paperValue: "91.73 %, 93.39 %",
      measured: [
        MeasuredValue(accuracies.shallow, unit: "%", label: "ResNet-20", decimals: 2),
        MeasuredValue(deep, unit: "%", label: "ResNet-56", decimals: 2),
      ], criterion: .each([.within(91.73, tolerance: 0.0201), .within(93.39, tolerance: 0.0201)]))
  }

  /// Q2.
  func distributionClaim(_ scores: ClassScores) -> Claim {
    let statement = "score distribution of ResNet-20: every bin ± 6 filters, dead filters ± 2"
    guard subject.isReference else { return .notTested(id: "Q2", statement: statement, reason: subject.reason) }
    let counts = scores.histogram(edges: Self.edges)
    let isAtlas = subject.original.sha256 == Self.atlasPixels
    let reference = isAtlas ? Self.atlasHistogram : Self.specifiedHistogram
    let worst = zip(counts, reference).map { abs($0 - $1) }.max() ?? 0
    let fromSpecification = zip(counts, Self.specifiedHistogram).map { abs($0 - $1) }.max() ?? 0
    let dead = scores.layers.reduce(0) { $0 + $1.scores.count { $0 == 0 } }
    return Claim(
      id: "Q2", statement: statement, paperValue: "\(Self.text(reference)); 18 dead",
      measured: [
        MeasuredValue(Double(worst), unit: "filters", label: "largest deviation of a bin", decimals: 0),
        MeasuredValue(Double(abs(dead - reference[0])), unit: "filters", label: "deviation of the dead", decimals: 0),
      ], criterion: .each([.atMost(6), .atMost(2)]),
      note: "measured \(Self.text(counts)); \(dead) dead; reference: "
        + (isAtlas
          ? "PyTorch on the same images, because the specification's \(Self.text(Self.specifiedHistogram)) belongs to another "
            + "order of CIFAR-10 and so to other first images (largest deviation from it: \(fromSpecification))"
          : "the specification's, on its own order of the images"))
  }

  private static func text(_ counts: [Int]) -> String { counts.map(String.init).joined(separator: " ") }

  /// Q3.
  func determinismClaim() throws -> Claim {
    let isEqual = try context.step("determinism", as: Bool.self) {
      let units = try ChannelUnits(subject.network)
      func result(_ threads: Int) throws -> (ClassScores, PruningPlan) {
        try Threads.withCount(threads) {
          let scores = try ClassScorer().scores(
            subject.network, data: subject.train, normalization: subject.normalization)
          let plan = try RemovalRule().plan(
            subject.network, scores: scores.byLayer, units: units, limits: PlanLimits(classes: scores.classes))
          return (scores, plan)
        }
      }
      return try result(1) == result(2)
    }
    return Claim(
      id: "Q3", statement: "scores and removal sets are bit-identical with 1 and 2 threads", isTrue: isEqual)
  }
}
