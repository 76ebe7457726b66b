import Foundation
import Testing
import TinyNN
import TinyTensor

@Suite struct QuantizationTests {
  @Test func ranges() {
    #expect(QuantizationRange.signed(bits: 8) == QuantizationRange(lower: -127, upper: 127))
    #expect(QuantizationRange.signed(bits: 2) == QuantizationRange(lower: -1, upper: 1))
    #expect(QuantizationRange.unsigned(bits: 4) == QuantizationRange(lower: 0, upper: 15))
  }

  /// Values and gradients from `torch.fake_quantize_per_tensor_affine(x, 0.01, 0, -127, 127)` (PyTorch 2.13).
  @Test func perTensorAsInPyTorch() {
    let x = Variable(
      Tensor(shape: [9], [-1.3, -0.05, 0.05, 0.15, 0.25, 0.35, 1.26, 1.27, 1.3]), requiresGradient: true)
    let quantizer = FakeQuantizer(range: .signed(bits: 8), scales: [0.01])
    let y = quantizer(x)
    expectClose(y.value.scalars, [-1.27, -0.05, 0.05, 0.15, 0.25, 0.35, 1.26, 1.27, 1.27])
    y.sum().backward()
    #expect(x.gradient?.scalars == [0, 1, 1, 1, 1, 1, 1, 1, 0])
    #expect(quantizer.codes(x.value).scalars == [-127, -5, 5, 15, 25, 35, 126, 127, 127])
    #expect(quantizer(x.value) == y.value)
  }

  @Test func halvesRoundToEven() {
    let quantizer = FakeQuantizer(range: .signed(bits: 4), scales: [1])
    let x = Tensor(shape: [8], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
    #expect(quantizer(x).scalars == [-2, -2, 0, 0, 2, 2, 4, 4])
  }

  @Test func perChannelEqualsChannelsAlone() {
    let x = sample([5, 3, 3, 3], in: -2...2)
    let all = FakeQuantizer(calibratedOn: x, range: .signed(bits: 4), perChannel: true)
    #expect(all.scales.count == 5)
    for channel in 0..<5 {
      let part = x.slice(channel..<channel + 1)
      let alone = FakeQuantizer(calibratedOn: part, range: .signed(bits: 4))
      #expect(all(x).slice(channel..<channel + 1) == alone(part))
    }
  }

  @Test func unsignedCutsNegativeValues() {
    let x = Variable(Tensor(shape: [4], [-1, 0, 1, 4]), requiresGradient: true)
    let y = FakeQuantizer(calibratedOn: x.value, range: .unsigned(bits: 2))(x)
    expectClose(y.value.scalars, [0, 0, 4.0 / 3, 4])
    y.sum().backward()
    #expect(x.gradient?.scalars == [0, 1, 1, 1])
  }

  @Test func powerOfTwoScalesAreShifts() {
    let quantizer = FakeQuantizer(range: .signed(bits: 8), scales: [0.3, 0.25, 3]).withPowerOfTwoScales()
    #expect(quantizer.scales == [0.5, 0.25, 4])
  }

  @Test func calibrationMethods() {
    let range = QuantizationRange.signed(bits: 8)
    let ramp = Tensor(shape: [1001], (0...1000).map { Float($0) })
    expectClose(Calibration.minMax.scale(for: ramp, range: range), 1000.0 / 127)
    // numpy.percentile(arange(1001), 99.9) = 999
    expectClose(Calibration.percentile(99.9).scale(for: ramp, range: range), 999.0 / 127)
    #expect(Calibration.minMax.scale(for: Tensor(zeros: [3]), range: range) == 1)

    // One outlier: the search must clip it, and must find the best of its own candidates.
    let values = sample([400], in: -1...1).scalars + [20]
    let x = Tensor(shape: [401], values)
    let coarse = QuantizationRange.signed(bits: 3)
    let found = Calibration.meanSquaredError(candidates: 100).scale(for: x, range: coarse)
    func error(_ scale: Float) -> Double { (FakeQuantizer(range: coarse, scales: [scale])(x) - x).sumOfSquares() }
    let best = (1...100).map { error(20.0 / 3 * Float($0) / 100) }.min() ?? 0
    #expect(error(found) <= best * (1 + 1e-6))
    #expect(found < 20.0 / 3)
  }

  @Test func observerSeesAllBatches() {
    let range = QuantizationRange.unsigned(bits: 8)
    var observer = CalibrationObserver(capacity: 64)
    #expect(observer.scale(.minMax, range: range) == 1)
    for batch in 0..<50 { observer.observe(Tensor(shape: [10], (0..<10).map { Float(batch * 10 + $0) })) }
    expectClose(observer.scale(.minMax, range: range), 499.0 / 255)
    let median = observer.scale(.percentile(50), range: range) * 255
    #expect((200...300).contains(median))
  }

  /// The straight-through gradients are defined, not derived; the reference spells the definition out.
  @Test(arguments: [true, false]) func learnedStep(_ perChannel: Bool) {
    let range = QuantizationRange.signed(bits: 3)
    let weights = sample([4, 9], in: -2...2)
    let quantizer = LearnedStepQuantizer(
      initializedFrom: weights, range: range, perChannel: perChannel, name: "conv.step")
    #expect(quantizer.step.shape == [perChannel ? 4 : 1] && quantizer.step.name == "conv.step")
    let steps = quantizer.step.value.scalars
    let x = Variable(weights, requiresGradient: true)
    let seed = sample([4, 9], "seed")
    quantizer(x).backward(seed)
    let width = 36 / steps.count
    var inputGradient: [Double] = []
    var stepGradient = [Double](repeating: 0, count: steps.count)
    for index in 0..<36 {
      let ratio = Double(weights.scalars[index] / steps[index / width])
      let g = Double(seed.scalars[index])
      let isInside = ratio >= -3 && ratio <= 3
      inputGradient.append(isInside ? g : 0)
      let slope = isInside ? ratio.rounded(.toNearestOrEven) - ratio : ratio < 0 ? -3 : 3
      stepGradient[index / width] += g * slope / (Double(width) * 3).squareRoot()
    }
    expectClose(x.gradient?.scalars ?? [], inputGradient)
    expectClose(quantizer.step.gradient?.scalars ?? [], stepGradient, tolerance: 1e-5)
  }

  @Test func learnedStepFindsAGoodScale() {
    let x = Variable(sample([256], in: -1...1))
    let quantizer = LearnedStepQuantizer(
      range: .signed(bits: 4), step: Variable(Tensor(shape: [1], [0.5]), requiresGradient: true, name: "step"))
    var optimizer = Adam()
    for _ in 0..<200 {
      quantizer.step.clearGradient()
      mse(quantizer(x), x).backward()
      optimizer.step([quantizer.step], learningRate: 0.01)
    }
    // The best uniform scale for ±1 with 15 levels is about 1/7.
    #expect((0.11...0.17).contains(quantizer.step.value.item))
  }

  @Test func powersOfTwo() {
    let quantizer = PowerOfTwoQuantizer(exponents: -3...0)
    let x = Variable(Tensor(shape: [7], [0.9, -0.3, 0.1, 0.05, 0, 3, -0.71]), requiresGradient: true)
    let y = quantizer(x)
    #expect(y.value.scalars == [1, -0.25, 0.125, 0, 0, 1, -0.5] || y.value.scalars == [1, -0.25, 0.125, 0, 0, 1, -1])
    y.sum().backward()
    #expect(x.gradient?.scalars == [1, 1, 1, 1, 1, 0, 1])
  }

  @Test func binaryAndTernary() {
    let x = Variable(Tensor(shape: [5], [0.5, -2, 0, 0.1, -0.9]), requiresGradient: true)
    #expect(binarized(x).value.scalars == [1, -1, 1, 1, -1])
    expectClose(binarized(x, scaled: true).value.scalars, [0.7, -0.7, 0.7, 0.7, -0.7])
    binarized(x).sum().backward()
    #expect(x.gradient?.scalars == [1, 0, 1, 1, 1])
    // mean|x| = 0.7, threshold 0.49, magnitudes beyond it 0.5, 2, 0.9
    expectClose(ternarized(x).value.scalars, [3.4 / 3, -3.4 / 3, 0, 0, -3.4 / 3])
  }

  @Test func exactIntegerProductEqualsFakeQuantization() {
    let x = Variable(sample([4, 6]), requiresGradient: true)
    let weight = Variable(sample([3, 6], "w"), requiresGradient: true)
    let inputQuantizer = FakeQuantizer(calibratedOn: x.value, range: .signed(bits: 8))
    let weightQuantizer = FakeQuantizer(calibratedOn: weight.value, range: .signed(bits: 8), perChannel: true)
    let seed = sample([4, 3], "seed")
    let y = integerLinear(
      x, weight: weight, product: .exact, inputQuantizer: inputQuantizer, weightQuantizer: weightQuantizer)
    y.backward(seed)
    let gradients = [x.gradient, weight.gradient]
    [x, weight].clearGradients()
    let expected = linear(inputQuantizer(x), weight: weightQuantizer(weight))
    expected.backward(seed)
    expectClose(y.value.scalars, expected.value.scalars.map(Double.init))
    #expect(gradients == [x.gradient, weight.gradient])
  }

  @Test func theTableOfTheOrdinaryProductIsRecognised() {
    #expect(IntegerProduct.exact.isExact)
    #expect(!IntegerProduct { $0 == -128 && $1 == -128 ? 0 : Int32($0) * Int32($1) }.isExact)
  }

  @Test func replacedProductAndSurrogate() {
    let shifts = IntegerProduct { a, b in Int32(a) &* Int32(b) / 16 * 16 }
    #expect(shifts[-7, 5] == -32 && shifts[-128, -128] == 16384)
    let x = Variable(Tensor(shape: [1, 2], [7, -3]), requiresGradient: true)
    let weight = Variable(Tensor(shape: [1, 2], [5, 11]), requiresGradient: true)
    let unit = FakeQuantizer(range: .signed(bits: 8), scales: [1])
    let y = integerLinear(
      x, weight: weight, product: shifts, inputQuantizer: unit, weightQuantizer: unit,
      surrogate: { gradient, _, weight in (matmul(gradient, weight) * 2, Tensor(zeros: [1, 2])) })
    #expect(y.value.scalars == [0])
    y.backward(Tensor(repeating: 1, shape: [1, 1]))
    #expect(x.gradient?.scalars == [10, 22] && weight.gradient?.scalars == [0, 0])
  }
}
