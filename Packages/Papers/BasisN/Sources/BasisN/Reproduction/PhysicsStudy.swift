import ImageDataset
import ReproductionKit
import VisionModels

/// Accuracy of the main configuration through the crossbar simulator, one effect at a time, and after repair.
struct PhysicsStudy {
  let context: RunContext
  let subject: Subject
  let workload: Workload

  /// One configuration of the physics; accuracies in percent.
  struct Row: Codable, Sendable {
    var name: String
    var configuration: CrossbarConfiguration
    var accuracy: Double
    /// After the coefficients were solved again on the measured columns; only where columns are wrong.
    var repaired: Double?
    /// Largest share of clipped conversions of a layer.
    var saturation: Double
    var images: Int
  }

  func rows(_ model: BasisNModel, progress: ProgressReporter) throws -> [Row] {
    let cases = try configurations()
    var rows: [Row] = []
    for (index, (name, configuration)) in cases.enumerated() {
      progress.report(index, of: cases.count, "crossbars: \(name)")
      try context.checkCancellation()
      rows.append(try context.step("physics-\(index)") { try row(name, configuration, model) })
    }
    return rows
  }

  /// The cases of section 6 and, beyond them, wires and everything at once.
  private func configurations() throws -> [(String, CrossbarConfiguration)] {
    let hardware = try HardwareConfiguration.standard()
    let wire = hardware.crossbar.wireResistance.value
    func make(_ change: (inout CrossbarConfiguration) -> Void) -> CrossbarConfiguration {
      var configuration = CrossbarConfiguration(seed: context.seed)
      change(&configuration)
      return configuration
    }
    var cases: [(String, CrossbarConfiguration)] = [
      ("ideal", make { _ in }),
      ("variation 5 %", make { $0.programming = .proportional(sigma: 0.05) }),
      ("variation 10 %", make { $0.programming = .proportional(sigma: 0.1) }),
      (
        "stuck cells 0.1 % + 0.1 %",
        make {
          $0.stuckLow = 0.001; $0.stuckHigh = 0.001
        }
      ),
      ("ADC 8 bit", make { $0.converter = ConverterConfiguration(bits: 8) }),
      ("ADC 7 bit", make { $0.converter = ConverterConfiguration(bits: 7) }),
      ("ADC 6 bit", make { $0.converter = ConverterConfiguration(bits: 6) }),
      ("wires \(wire) Ω", make { $0.wireResistance = wire }),
    ]
    if context.scale == .full {
      cases += [
        ("variation 20 %", make { $0.programming = .proportional(sigma: 0.2) }),
        ("ADC 5 bit", make { $0.converter = ConverterConfiguration(bits: 5) }),
        ("read noise 2 %", make { $0.readNoise = 0.02 }),
        ("wires 1 Ω", make { $0.wireResistance = 1 }),
        (
          "ADC 8 bit, bit-serial inputs",
          make {
            $0.converter = ConverterConfiguration(bits: 8); $0.dacBits = 1
          }
        ),
      ]
    }
    return cases
  }

  private func row(_ name: String, _ configuration: CrossbarConfiguration, _ model: BasisNModel) throws -> Row {
    let images = subject.test.prefix(workload.simulatedImages)
    let calibration = try subject.calibration()
    let chip = try Chip(model, configuration: configuration)
    let (network, statistics) = try chip.network(calibration: calibration)
    let accuracy = try ErrorBudget.accuracy(network, images, subject.normalization)
    var repaired: Double?
    if !configuration.isIdealProgramming {
      let mended = try Repair.repair(model, measured: chip.basis).model
      let mendedChip = try Chip(mended, configuration: configuration)
      repaired = try ErrorBudget.accuracy(
        mendedChip.network(calibration: calibration).network, images, subject.normalization)
    }
    return Row(
      name: name, configuration: configuration, accuracy: accuracy, repaired: repaired,
      saturation: statistics.map(\.saturation).max() ?? 0, images: images.count)
  }
}
