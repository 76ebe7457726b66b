import Foundation

/// Machine code and constants in a flat memory, with the address of the function to call.
public struct RV32Program: Sendable, Hashable {
  /// A run of bytes.
  public struct Segment: Sendable, Hashable {
    /// First address.
    public var address: UInt32
    /// Contents.
    public var bytes: [UInt8]
    /// Whether it is executed.
    public var isCode: Bool
  }

  /// What lies in memory.
  public var segments: [Segment]
  /// Where the function begins.
  public var entry: UInt32

  /// Bytes of code and constants.
  public var size: Int { segments.reduce(0) { $0 + $1.bytes.count } }

  /// Own code at address 0.
  public init(instructions: [RV32Instruction]) {
    let bytes = instructions.flatMap { instruction in
      (0..<4).map { UInt8(truncatingIfNeeded: instruction.word >> ($0 * 8)) }
    }
    segments = [Segment(address: 0, bytes: bytes, isCode: true)]
    entry = 0
  }

  /// A statically linked 32-bit little-endian RISC-V ELF file; its entry point is the function.
  public init(elf data: Data) throws(LogicFlowError) {
    let bytes = [UInt8](data)
    func read(_ offset: Int, _ size: Int) throws(LogicFlowError) -> UInt32 {
      guard offset >= 0, offset + size <= bytes.count else {
        throw .invalidProgram("the ELF file ends at \(bytes.count)")
      }
      return (0..<size).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32($1 * 8) }
    }
    guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw .invalidProgram("not an ELF file") }
    guard bytes.count > 52, bytes[4] == 1 else {
      throw .invalidProgram("a 64-bit ELF file, expected 32 bits (rv32imc)")
    }
    guard bytes[5] == 1, try read(18, 2) == 243 else {
      throw .invalidProgram("ELF machine \(try read(18, 2)), expected little-endian RISC-V (243)")
    }
    entry = try read(24, 4)
    segments = []
    let (table, size, count) = (Int(try read(28, 4)), Int(try read(42, 2)), Int(try read(44, 2)))
    for index in 0..<count {
      let header = table + index * size
      guard try read(header, 4) == 1 else { continue }
      let (offset, address) = (Int(try read(header + 4, 4)), try read(header + 8, 4))
      let (stored, total) = (Int(try read(header + 16, 4)), Int(try read(header + 20, 4)))
      guard stored <= total, total <= 1 << 24, offset + stored <= bytes.count else {
        throw .invalidProgram("segment \(index) of \(total) bytes does not fit")
      }
      guard total > 0 else { continue }
      segments.append(
        Segment(
          address: address, bytes: bytes[offset..<offset + stored] + Array(repeating: 0, count: total - stored),
          isCode: try read(header + 24, 4) & 1 == 1))
    }
    guard segments.contains(where: \.isCode) else { throw .invalidProgram("no executable segment") }
  }
}
