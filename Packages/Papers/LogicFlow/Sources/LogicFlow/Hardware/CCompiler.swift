import Foundation

/// An installed C compiler, asked to be strict: every warning is an error.
public struct CCompiler: Sendable, Hashable {
  /// What to compile for.
  public enum Target: String, Sendable, Hashable, CaseIterable {
    /// This machine, as a shared library.
    case host
    /// The simulator: rv32imc, statically linked.
    case rv32
  }

  /// The compiler.
  public let tool: ExternalTool
  /// The target.
  public let target: Target

  private static let strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]

  /// The compiler of that name, if it is installed and can compile for `target`.
  ///
  /// For `rv32`, `clang` needs its RISC-V back end and `ld.lld` (the clang beside `swift` has both); `gcc` means
  /// `riscv64-unknown-elf-gcc`.
  public init?(_ name: String, for target: Target) {
    let executable = target == .rv32 && name == "gcc" ? "riscv64-unknown-elf-gcc" : name
    guard let tool = ExternalTool(executable) else { return nil }
    if target == .rv32, name == "clang" {
      guard ExternalTool("ld.lld") != nil, let targets = try? tool.run(["--print-targets"]), targets.contains("riscv32")
      else { return nil }
    }
    self.tool = tool
    self.target = target
  }

  /// The compilers that are here.
  public static func installed(for target: Target) -> [CCompiler] {
    ["clang", "gcc"].compactMap { CCompiler($0, for: target) }
  }

  /// Compiles `source` and returns the file, which the caller removes.
  public func compile(_ source: String, entry: String, optimization: String = "-O2") throws(LogicFlowError) -> URL {
    let folder = FileManager.default.temporaryDirectory
    let stem = folder.appendingPathComponent("logicflow-\(UUID().uuidString)")
    let (input, output) = (
      stem.appendingPathExtension("c"), stem.appendingPathExtension(target == .host ? "so" : "elf")
    )
    defer { try? FileManager.default.removeItem(at: input) }
    do { try Data(source.utf8).write(to: input) } catch {
      throw .compiler("\(input.path): \(error.localizedDescription)")
    }
    var arguments = Self.strict + [optimization, "-ffreestanding", "-nostdlib"]
    switch target {
    case .host: arguments += ["-shared", "-fPIC"]
    case .rv32:
      if tool.name == "clang" { arguments += ["--target=riscv32-unknown-elf", "-fuse-ld=lld"] }
      arguments += ["-march=rv32imc", "-mabi=ilp32", "-static", "-Wl,-e,\(entry)"]
    }
    try tool.run(arguments + ["-o", output.path, input.path])
    return output
  }

  /// Compiles `source` for the simulator.
  public func program(_ source: String, entry: String, optimization: String = "-O2") throws(LogicFlowError)
    -> RV32Program
  {
    let file = try compile(source, entry: entry, optimization: optimization)
    defer { try? FileManager.default.removeItem(at: file) }
    do { return try RV32Program(elf: Data(contentsOf: file)) } catch let error as LogicFlowError { throw error } catch {
      throw .compiler("\(file.path): \(error.localizedDescription)")
    }
  }
}
