/// The parts of Linux' `/proc/cpuinfo` that a report shows.
struct CPUInfo {
  /// `model name` of the first processor.
  let modelName: String?
  /// Known SIMD extensions among the flags, in a fixed order.
  let simdExtensions: [String]

  init(_ text: String) {
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon].trimmingSpaces
      if fields[key] == nil { fields[key] = line[line.index(after: colon)...].trimmingSpaces }
    }
    let name = fields["model name"] ?? fields["Hardware"] ?? ""
    modelName = name.isEmpty ? nil : String(name)
    let flags = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " "))
    simdExtensions = Self.extensions.filter { flags.contains($0.flag) }.map(\.name)
  }

  private static let extensions: [(flag: Substring, name: String)] = [
    ("sse4_2", "SSE4.2"), ("avx", "AVX"), ("avx2", "AVX2"), ("fma", "FMA"), ("f16c", "F16C"), ("avx_vnni", "AVX-VNNI"),
    ("avx512f", "AVX-512F"), ("avx512bw", "AVX-512BW"), ("avx512_vnni", "AVX-512 VNNI"),
    ("avx512_bf16", "AVX-512 BF16"), ("amx_tile", "AMX"), ("asimd", "NEON"), ("sve", "SVE"),
  ]
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text.drop { $0 == " " || $0 == "\t" }
  }
}
