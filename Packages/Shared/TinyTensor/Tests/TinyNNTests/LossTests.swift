import Foundation
import Testing
import TinyNN
import TinyTensor

// The constants come from PyTorch 2.13 in float64: torch.nn.functional.cross_entropy(logits, labels, …), kl_div(log_softmax(s / 3),
// softmax(t / 3), reduction="batchmean") * 9, mse_loss, l1_loss, huber_loss(delta=0.8), and .backward().

@Suite struct LossTests {
  static let logits = Tensor(
    shape: [3, 4], [0.3, -1.2, 2.0, 0.7, 1.5, 0.2, -0.3, -2.0, -0.5, 0.9, 0.1, 1.1])
  static let labels = [2, 3, 1]
  static let weights: [Float] = [0.5, 1, 2, 0.25]

  private func expect(
    _ loss: (Variable) -> Variable, _ value: Double, _ gradient: [Double], at point: Tensor = logits,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let x = Variable(point, requiresGradient: true)
    let result = loss(x)
    expectClose(result.value.item, value, sourceLocation: sourceLocation)
    result.backward()
    expectClose(x.gradient?.scalars ?? [], gradient, sourceLocation: sourceLocation)
  }

  @Test func crossEntropyAsInPyTorch() {
    expect(
      { crossEntropy($0, labels: Self.labels) }, 1.78578942,
      [
        0.0407054967, 0.00908262399, -0.110513586, 0.0607254653, 0.227061962, 0.0618816038, 0.03753309, -0.326476656,
        0.0281761148, -0.219073554, 0.0513402285, 0.13955721,
      ])
    expect(
      { crossEntropy($0, labels: Self.labels, reduction: .sum) }, 5.35736827,
      [
        0.12211649, 0.027247872, -0.331540758, 0.182176396, 0.681185887, 0.185644811, 0.11259927, -0.979429969,
        0.0845283444, -0.657220661, 0.154020686, 0.418671631,
      ])
  }

  @Test func labelSmoothingAndClassWeightsAsInPyTorch() {
    expect(
      { crossEntropy($0, labels: Self.labels, smoothing: 0.2) }, 1.79912276,
      [
        0.02403883, -0.00758404267, -0.060513586, 0.0440587986, 0.210395296, 0.0452149371, 0.0208664233, -0.276476656,
        0.0115094481, -0.169073554, 0.0346735618, 0.122890544,
      ])
    expect(
      { crossEntropy($0, labels: Self.labels, classWeights: Self.weights) }, 0.876064025,
      [
        0.0751486093, 0.0167679212, -0.204025082, 0.112108551, 0.0523989144, 0.0142803701, 0.0086614823, -0.0753407668,
        0.0260087214, -0.202221742, 0.0473909802, 0.12882204,
      ])
    expect(
      { crossEntropy($0, labels: Self.labels, smoothing: 0.2, classWeights: Self.weights) }, 0.998776313,
      [
        0.0594717618, -0.000398285796, -0.15542434, 0.0963508639, 0.0735260097, 0.00674995827, -0.0173439332,
        -0.0629320347, 0.0179913046, -0.157386278, 0.0160293621, 0.123365611,
      ])
    expect(
      {
        crossEntropy($0, labels: Self.labels, smoothing: 0.2, classWeights: Self.weights, reduction: .sum)
      }, 3.24602302,
      [
        0.193283226, -0.00129442884, -0.505129105, 0.313140308, 0.238959531, 0.0219373644, -0.0563677829, -0.204529113,
        0.0584717401, -0.511505402, 0.0520954269, 0.400938235,
      ])
    expect(
      { crossEntropy($0, labels: Self.labels, smoothing: 0.1, ignoredLabel: 3) }, 0.839224109,
      [
        0.048558245, 0.00112393599, -0.128270379, 0.0785881979, 0, 0, 0, 0, 0.0297641722, -0.29111033, 0.0645103428,
        0.196835815,
      ])
  }

  @Test(arguments: [0, 0.1] as [Float]) func crossEntropyGradientOnManyShapes(_ smoothing: Float) {
    for shape in [[1, 2], [5, 10], [3, 17], [2, 100]] {
      let labels = (0..<shape[0]).map { ($0 * 7) % shape[1] }
      expectAgreement([sample(shape, in: -3...3)]) {
        crossEntropy($0[0], labels: labels, smoothing: smoothing)
      } reference: { x in
        let rows = (0..<shape[0]).map { row -> Double in
          let z = Array(x[0][row * shape[1]..<(row + 1) * shape[1]])
          let logTotal = Foundation.log(z.reduce(0) { $0 + Foundation.exp($1) })
          return z.enumerated().reduce(0) { total, item in
            let target =
              (item.offset == labels[row] ? 1 - Double(smoothing) : 0) + Double(smoothing) / Double(shape[1])
            return total - target * (item.element - logTotal)
          }
        }
        return [rows.reduce(0, +) / Double(shape[0])]
      }
    }
  }

  @Test func hugeLogitsStayExact() {
    let x = Variable(Tensor(shape: [2, 3], [1e4, 0, -1e4, -1e4, 1e4, 1e4]), requiresGradient: true)
    let loss = crossEntropy(x, labels: [0, 0], reduction: .sum)
    expectClose(loss.value.item, 2e4 + Foundation.log(2))
    loss.backward()
    expectClose(x.gradient?.scalars ?? [], [0, 0, 0, -1, 0.5, 0.5])
    let smoothed = crossEntropy(x, labels: [0, 0], smoothing: 0.1)
    #expect(smoothed.value.isFinite)
    let kl = klDivergence(student: x, teacher: Tensor(shape: [2, 3], [-1e4, 0, 1e4, 0, 0, 0]), temperature: 2)
    #expect(kl.value.isFinite)
    #expect(crossEntropy(Variable(Tensor(shape: [1, 1], [3])), labels: [0]).value.item == 0)
  }

  @Test func divergenceAsInPyTorch() {
    let teacher = Tensor(shape: [3, 4], [1, 0.2, -0.7, 0.4, 0, 2, 1, -1, 0.6, -0.4, 0.3, 0.9])
    expect(
      { klDivergence(student: $0, teacher: teacher, temperature: 3) }, 0.779284076,
      [
        -0.0955979585, -0.108552255, 0.210625588, -0.00647537411, 0.201001968, -0.126484098, -0.057043758,
        -0.0174741124,
        -0.0872082689, 0.0965760775, -0.021567548, 0.0121997395,
      ])
  }

  @Test func regressionLossesAsInPyTorch() {
    let point = Tensor(shape: [5], [0.2, -1.5, 3, 0, 0.7])
    let target = Variable(Tensor(shape: [5], [0.5, 1, -1, 0, 0.3]))
    expect({ mse($0, target) }, 4.5, [-0.12, -1, 1.6, 0, 0.16], at: point)
    expect({ l1($0, target) }, 1.44, [-0.2, -0.2, 0.2, 0, 0.2], at: point)
    expect({ huber($0, target, delta: 0.8) }, 0.937, [-0.06, -0.16, 0.16, 0, 0.08], at: point)
    expect({ huber($0, target, delta: 0.8, reduction: .sum) }, 4.685, [-0.3, -0.8, 0.8, 0, 0.4], at: point)
    expect({ mse(target, $0) }, 4.5, [-0.12, -1, 1.6, 0, 0.16], at: point)
  }

  @Test func norms() {
    let a = sample([3, 4], in: -1...1, avoiding: [0])
    let b = sample([5], in: -1...1, avoiding: [0])
    expectAgreement([a, b]) {
      l1Norm($0)
    } reference: {
      [$0.joined().reduce(0) { $0 + abs($1) }]
    }
    expectAgreement([a, b]) {
      squaredL2Norm($0)
    } reference: {
      [$0.joined().reduce(0) { $0 + $1 * $1 }]
    }
    expectAgreement([a, b]) {
      l2Norm($0)
    } reference: {
      [$0.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()]
    }
    let zero = Variable(Tensor(zeros: [3]), requiresGradient: true)
    (l1Norm([zero]) + l2Norm([zero])).backward()
    #expect(zero.gradient?.scalars == [0, 0, 0])
  }

  @Test func orthogonalityOfMatrices() {
    expectAgreement([sample([3, 5])]) {
      orthogonality($0[0])
    } reference: { x in
      var total = 0.0
      for row in 0..<3 {
        for column in 0..<3 {
          var difference = row == column ? -1.0 : 0
          for index in 0..<5 { difference += x[0][row * 5 + index] * x[0][column * 5 + index] }
          total += difference * difference
        }
      }
      return [total.squareRoot()]
    }
    let rotation = Variable(Tensor(shape: [2, 2], [0, 1, -1, 0]), requiresGradient: true)
    let loss = orthogonality(rotation)
    #expect(loss.value.item == 0)
    loss.backward()
    #expect(rotation.gradient?.scalars == [0, 0, 0, 0])
  }

  @Test(arguments: [[3, 2, 3, 3], [2, 4, 1, 1], [4, 1, 3, 3]]) func orthogonalityOfConvolutions(_ shape: [Int]) {
    let (filters, channels, kernel) = (shape[0], shape[1], shape[2])
    let images = ReferenceImages([filters, kernel, kernel, channels])
    expectAgreement([sample(shape)]) {
      convOrthogonality($0[0])
    } reference: { x in
      var channelsLast: [Double] = []
      for filter in 0..<filters {
        for pixel in 0..<kernel * kernel {
          for channel in 0..<channels {
            channelsLast.append(x[0][(filter * channels + channel) * kernel * kernel + pixel])
          }
        }
      }
      let overlap = images.convolution(
        channelsLast, weight: x[0], weightShape: shape, bias: nil, stride: 1, padding: kernel / 2, dilation: 1,
        groups: 1)
      let centre = kernel * kernel / 2
      let total = overlap.enumerated().reduce(0.0) { total, item in
        let (filter, rest) = item.offset.quotientAndRemainder(dividingBy: kernel * kernel * filters)
        let isIdentity = rest / filters == centre && rest % filters == filter
        let difference = item.element - (isIdentity ? 1 : 0)
        return total + difference * difference
      }
      return [total.squareRoot()]
    }
  }
}
