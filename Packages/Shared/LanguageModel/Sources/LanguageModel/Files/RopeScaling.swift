import Foundation

/// Turns the RoPE scaling of a `config.json` into divisors of the pairs' frequencies.
enum RopeScaling {
  static func frequencyFactors(
    _ file: ConfigReader, base: Float, headSize: Int
  ) throws(ModelFileError) -> [Float]? {
    switch file.ropeKind {
    case "default": return nil
    case "linear":
      let factor = Float(try required(file, "factor"))
      return [Float](repeating: factor, count: headSize / 2)
    case "llama3":
      let scaling = Llama3(
        factor: try required(file, "factor"), lowFactor: try required(file, "low_freq_factor"),
        highFactor: try required(file, "high_freq_factor"),
        trainedContext: try required(file, "original_max_position_embeddings"))
      return (0..<headSize / 2).map { pair in
        let frequency = pow(Double(base), -2 * Double(pair) / Double(headSize))
        return Float(scaling.divisor(ofFrequency: frequency))
      }
    case let kind:
      throw file.error(
        .unsupported, "rope_scaling", "RoPE scaling \"\(kind)\" is not supported, only linear and llama3")
    }
  }

  private static func required(_ file: ConfigReader, _ key: String) throws(ModelFileError) -> Double {
    guard let value = try file.ropeParameter(key) else {
      throw file.error(.missing, "rope_scaling.\(key)", "there is no such key")
    }
    return value
  }

  /// The scaling of Llama 3.1: slow turns are stretched by `factor`, fast ones kept, those between blended.
  private struct Llama3 {
    let factor: Double
    let lowFactor: Double
    let highFactor: Double
    let trainedContext: Double

    func divisor(ofFrequency frequency: Double) -> Double {
      let wavelength = 2 * Double.pi / frequency
      if wavelength < trainedContext / highFactor { return 1 }
      if wavelength > trainedContext / lowFactor { return factor }
      let blend = (trainedContext / wavelength - lowFactor) / (highFactor - lowFactor)
      return 1 / ((1 - blend) / factor + blend)
    }
  }
}
