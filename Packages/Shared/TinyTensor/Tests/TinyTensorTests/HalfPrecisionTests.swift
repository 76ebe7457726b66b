import Testing
import TinyTensor

@Suite struct HalfPrecisionTests {
  @Test func everyFloat16DecodesAndEncodesBack() {
    for bits in UInt16.min...UInt16.max {
      let value = HalfPrecision.decodeFloat16(bits)
      let exponent = Int(bits >> 10 & 31)
      let mantissa = Float(bits & 0x3ff)
      let sign: Float = bits & 0x8000 == 0 ? 1 : -1
      if exponent == 31 {
        #expect(mantissa == 0 ? value == sign * .infinity : value.isNaN)
      } else if exponent == 0 {
        #expect(value == sign * mantissa * 0x1p-24)
      } else {
        #expect(value == sign * (1 + mantissa * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1))
      }
      if !value.isNaN { #expect(HalfPrecision.encodeFloat16(value) == bits) }
    }
    #expect(HalfPrecision.decodeFloat16(HalfPrecision.encodeFloat16(.nan)).isNaN)
  }

  @Test func encodingRoundsToNearestEven() {
    #expect(HalfPrecision.encodeFloat16(1 + 0x1p-11) == 0x3c00)
    #expect(HalfPrecision.encodeFloat16(1 + 3 * 0x1p-11) == 0x3c02)
    #expect(HalfPrecision.encodeFloat16(1 + 0x1p-11 + 0x1p-20) == 0x3c01)
    #expect(HalfPrecision.encodeFloat16(65_504) == 0x7bff)
    #expect(HalfPrecision.encodeFloat16(65_519.9) == 0x7bff)
    #expect(HalfPrecision.encodeFloat16(65_520) == 0x7c00)
    #expect(HalfPrecision.encodeFloat16(-1e10) == 0xfc00)
    #expect(HalfPrecision.encodeFloat16(0x1p-25) == 0)
    #expect(HalfPrecision.encodeFloat16(0x1.8p-25) == 1)
    #expect(HalfPrecision.encodeFloat16(-0x1p-30) == 0x8000)
  }

  @Test func bfloat16() {
    for bits in stride(from: UInt16.min, through: 0xff7f, by: 7) {
      let value = HalfPrecision.decodeBFloat16(bits)
      if !value.isNaN { #expect(HalfPrecision.encodeBFloat16(value) == bits) }
    }
    #expect(HalfPrecision.encodeBFloat16(1 + 0x1p-8) == 0x3f80)
    #expect(HalfPrecision.encodeBFloat16(1 + 3 * 0x1p-8) == 0x3f82)
    #expect(HalfPrecision.decodeBFloat16(HalfPrecision.encodeBFloat16(.nan)).isNaN)
    #expect(HalfPrecision.encodeBFloat16(.greatestFiniteMagnitude) == 0x7f80)
  }

  @Test func tensorsRoundLikeSingleNumbers() {
    var generator = Philox(seed: 1, stream: "bfloat16")
    let special: [Float] = [
      0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 0x1p-140,
    ]
    let values = special + Tensor.normal([37], standardDeviation: 100, using: &generator).scalars
    let rounded = Tensor(shape: [values.count], values).roundedToBFloat16().scalars
    #expect(rounded == values.map { Float(BFloat16($0)) })
    #expect(Tensor(shape: [1], [.nan]).roundedToBFloat16().item.isNaN)
  }

  @Test func arraysConvertElementWise() {
    let values: [Float] = [0, 1, -2.5, 1000]
    #expect(HalfPrecision.decodeFloat16(HalfPrecision.encodeFloat16(values)) == values)
    #expect(HalfPrecision.decodeBFloat16(HalfPrecision.encodeBFloat16(values)) == values)
  }
}
