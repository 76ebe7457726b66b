import Foundation
import LogicFlowVerify

/// Instruction counts of an independent simulator: `qemu-riscv32`, one instruction per translated block, every block logged.
///
/// It models no cycles, so it checks what the own simulator executes, not what that costs.
public struct QemuReference: Sendable {
  /// One comparison over some rows.
  public struct Comparison: Sendable, Hashable, Codable {
    /// Instructions on the own simulator.
    public var own: Int
    /// Instructions in qemu.
    public var qemu: Int
  }

  /// `jal`, `li` and `ecall` around the measured function.
  private static let startInstructions = 3

  private let qemu: ExternalTool
  private let compiler: CCompiler
  private let options: [String]

  /// Nothing if qemu or a compiler for rv32 is missing.
  public init?() {
    guard let qemu = ExternalTool("qemu-riscv32"), let compiler = CCompiler.installed(for: .rv32).first,
      let help = try? qemu.run(["-h"])
    else { return nil }
    self.qemu = qemu
    self.compiler = compiler
    // The option was renamed in qemu 8.1.
    options = [help.contains("-one-insn-per-tb") ? "-one-insn-per-tb" : "-singlestep", "-d", "exec,nochain"]
  }

  /// Runs `source`, C or top-level assembly that defines `name`, on `rows` in both simulators.
  ///
  /// Both runs must give the classes in `expected`; anything else is an error.
  public func compare(_ source: String, name: String, rows: IntegerSamples, expected: [Int]) throws(LogicFlowError)
    -> Comparison
  {
    let driver = driver(source, name: name, rows: rows, expected: expected)
    let run = try RV32Machine(compiler.program(driver, entry: "wrong"), model: CoreModel(named: "spike")).call([])
    guard run.result == 0 else { throw .machine(pc: 0, reason: "\(run.result) answers differ from the network's") }
    let elf = try compiler.compile(driver, entry: "_start")
    let log = elf.appendingPathExtension("log")
    defer { for file in [elf, log] { try? FileManager.default.removeItem(at: file) } }
    // The exit status is the number of wrong answers, and an error if there are any.
    try qemu.run(options + ["-D", log.path, elf.path])
    guard let text = try? String(contentsOf: log, encoding: .utf8) else { throw .compiler("qemu wrote no log") }
    let blocks = text.utf8.split(separator: UInt8(ascii: "\n")).count { $0.starts(with: "Trace".utf8) }
    return Comparison(own: Int(run.instructions), qemu: blocks - Self.startInstructions)
  }

  /// `int wrong(void)` counts wrong answers; `_start` hands that to the kernel.
  private func driver(_ source: String, name: String, rows: IntegerSamples, expected: [Int]) -> String {
    func list(_ values: some Sequence<some BinaryInteger>) -> String { values.map { "\($0)" }.joined(separator: ",") }
    return source + """

      static const uint8_t rows[] = {\(list(rows.features))};
      static const int expected[] = {\(list(expected.prefix(rows.count)))};
      int wrong(void);
      int wrong(void) {
        int count = 0;
        for (int row = 0; row < \(rows.count); row++) {
          if (\(name)(rows + \(rows.width) * row) != expected[row]) count++;
        }
        return count;
      }
      __asm__(".text\\n.globl _start\\n_start:\\n  jal ra, wrong\\n  li a7, 93\\n  ecall\\n");

      """
  }
}

extension LogicProgram {
  /// The own back end's assembly, wrapped for a C compiler.
  public func emitInlineAssembly(for model: CoreModel) -> String {
    // A statement per line: C99 promises string literals of 4095 characters only.
    let lines = emitAssembly(for: model).split(separator: "\n").map { "__asm__(\"\($0)\");\n" }
    return "#include <stdint.h>\n\nint \(name)(const uint8_t *x);\n\n" + lines.joined()
  }
}
