import Testing
import TinyNN
import TinyTensor

/// A convolution to be checked.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var input: [Int]
  var weight: [Int]
  var stride = 1
  var padding = 0
  var dilation = 1
  var groups = 1
  var testDescription: String { "\(input) \(weight) s\(stride) p\(padding) d\(dilation) g\(groups)" }
}

@Suite struct ConvolutionTests {
  static let cases: [ConvolutionCase] = [
    ConvolutionCase(input: [2, 5, 4, 3], weight: [4, 3, 3, 3], padding: 1),
    ConvolutionCase(input: [1, 5, 5, 2], weight: [3, 2, 3, 3], stride: 2, padding: 1),
    ConvolutionCase(input: [2, 4, 3, 5], weight: [2, 5, 1, 1]),
    ConvolutionCase(input: [1, 5, 3, 4], weight: [2, 4, 1, 1], stride: 2),
    ConvolutionCase(input: [1, 4, 4, 3], weight: [5, 3, 2, 2]),
    ConvolutionCase(input: [1, 1, 1, 6], weight: [3, 6, 3, 3], padding: 1),
    ConvolutionCase(input: [1, 7, 6, 2], weight: [2, 2, 5, 5], stride: 2, padding: 2),
    ConvolutionCase(input: [1, 7, 7, 1], weight: [2, 1, 7, 7], padding: 3),
    ConvolutionCase(input: [1, 6, 6, 4], weight: [6, 2, 3, 3], padding: 1, groups: 2),
    ConvolutionCase(input: [2, 5, 5, 4], weight: [4, 1, 3, 3], stride: 2, padding: 1, groups: 4),
    ConvolutionCase(input: [1, 4, 4, 3], weight: [6, 1, 3, 3], padding: 1, groups: 3),
    ConvolutionCase(input: [1, 7, 7, 2], weight: [3, 2, 3, 3], padding: 2, dilation: 2),
    ConvolutionCase(input: [1, 3, 6, 2], weight: [2, 2, 1, 3], padding: 0),
  ]

  @Test(arguments: cases) func valueAndGradient(_ item: ConvolutionCase) {
    let tensors = [sample(item.input), sample(item.weight, "w"), sample([item.weight[0]], "b")]
    for hasBias in [true, false] {
      expectAgreement(hasBias ? tensors : Array(tensors.prefix(2))) { x in
        conv2d(
          x[0], weight: x[1], bias: hasBias ? x[2] : nil, stride: item.stride, padding: item.padding,
          dilation: item.dilation, groups: item.groups)
      } reference: { x in
        ReferenceImages(item.input).convolution(
          x[0], weight: x[1], weightShape: item.weight, bias: hasBias ? x[2] : nil, stride: item.stride,
          padding: item.padding, dilation: item.dilation, groups: item.groups)
      }
    }
  }

  @Test(arguments: [
    ([2, 4, 4, 3], 2, 2, 0), ([1, 5, 7, 2], 3, 2, 1), ([1, 3, 3, 1], 3, 1, 1), ([2, 1, 1, 4], 1, 1, 0),
  ])
  func maxPooling(_ shape: [Int], _ kernel: Int, _ stride: Int, _ padding: Int) {
    expectAgreement([distinct(shape)]) {
      maxPool2d($0[0], kernel: kernel, stride: stride, padding: padding)
    } reference: { x in
      ReferenceImages(shape).pooling(x[0], kernel: kernel, stride: stride, padding: padding) { $0.max() ?? 0 }
    }
  }

  @Test func theFirstOfEqualMaximaTakesTheGradient() {
    let x = Variable(Tensor(shape: [1, 2, 2, 1], [1, 3, 3, 3]), requiresGradient: true)
    maxPool2d(x, kernel: 2).sum().backward()
    #expect(x.gradient?.scalars == [0, 1, 0, 0])
  }

  @Test(arguments: [
    ([2, 4, 4, 3], 2, 2, 0), ([1, 5, 7, 2], 3, 2, 1), ([1, 3, 3, 2], 3, 1, 1), ([2, 1, 1, 4], 1, 1, 0),
  ])
  func averagePooling(_ shape: [Int], _ kernel: Int, _ stride: Int, _ padding: Int) {
    for counted in [true, false] {
      expectAgreement([sample(shape)]) {
        avgPool2d($0[0], kernel: kernel, stride: stride, padding: padding, countIncludePad: counted)
      } reference: { x in
        ReferenceImages(shape).pooling(x[0], kernel: kernel, stride: stride, padding: padding) {
          $0.reduce(0, +) / Double(counted ? kernel * kernel : $0.count)
        }
      }
    }
  }

  @Test func globalAveragePooling() {
    expectAgreement([sample([2, 3, 5, 4])]) {
      globalAveragePool($0[0])
    } reference: { x in
      var result: [Double] = []
      for image in 0..<2 {
        for channel in 0..<4 {
          let pixels = (0..<15).map { (pixel: Int) -> Double in x[0][(image * 15 + pixel) * 4 + channel] }
          result.append(pixels.reduce(0, +) / 15)
        }
      }
      return result
    }
  }
}
