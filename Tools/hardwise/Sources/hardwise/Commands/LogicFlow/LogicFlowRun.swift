import ArgumentParser
import Foundation
import LogicFlow
import ReproductionKit

/// `hardwise logicflow run`
struct LogicFlowRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a compiled program (rv32imc ELF) on the simulated core, on test rows.")

  @Argument(help: ArgumentHelp("Statically linked ELF whose entry is int f(const uint8_t *).", valueName: "prog.elf"))
  var program: String

  @Option(help: ArgumentHelp("Rows to run on.", valueName: "rows"))
  var inputs: String

  @OptionGroup var core: LogicFlowCore

  @OptionGroup var output: OutputOptions

  func run() throws {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: program)) } catch {
      throw LogicFlowError.invalidProgram("\(program) cannot be read")
    }
    let samples = try SampleSplit(LogicFlowTable.open(inputs)).test
    let meter = CycleMeter(try core.model(), samples: samples)
    let result = try meter.measure(RV32Program(elf: data), expected: samples.labels)
    let right = Double(samples.count - result.disagreements) / Double(samples.count)
    let summary = Summary(
      rows: samples.count, accuracy: right, meanCycles: result.mean, meanInstructions: result.instructions,
      maximumCycles: result.maximum, worstCase: result.worstCase, bytes: result.size, stack: result.stack)
    try output.emit(
      summary,
      text: String(
        format: "%d rows: accuracy %.2f %%, %.1f cycles and %.1f instructions per row, at most %d, %d bytes, stack %d",
        samples.count, 100 * right, result.mean, result.instructions, result.maximum, result.size, result.stack))
  }

  private struct Summary: Encodable {
    let rows: Int
    let accuracy, meanCycles, meanInstructions: Double
    let maximumCycles: Int
    let worstCase: Int?
    let bytes, stack: Int
  }
}
