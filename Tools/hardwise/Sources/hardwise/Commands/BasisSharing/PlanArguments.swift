import ArgumentParser
import BasisSharing
import Foundation
import JSONC
import LanguageModel
import TinyTensor

/// What is shared and how much is removed.
struct PlanArguments: ParsableArguments {
  @Option(
    help: """
      What shares: separate (nothing: SVD-LLM), gqa (query, gate, up), llama (those, key, value), all, auto (the types that \
      gain), optimal (ranks and groups of least summed loss).
      """)
  var share = "gqa"

  @Option(help: "Adjacent layers per shared basis; for optimal the most.")
  var groupSize = 2

  @Option(help: "Fraction of the block parameters to remove, between 0 and 1; 0.2 without any budget.")
  var ratio: Double?

  @Option(help: ArgumentHelp("Largest file instead of a ratio: 60MB, 0.1GB.", valueName: "size"))
  var bytes: String?

  @Option(help: "Decode speed instead of a ratio, by the cost model with this machine's measured bandwidth.")
  var tokensPerSecond: Double?

  @Option(help: ArgumentHelp("A plan from `plan` instead of all these.", valueName: "plan.json"))
  var plan: String?

  @Option(help: "Format of the factors: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0.")
  var type = "q8_0"

  /// Refuses impossible values, before any file is opened.
  func check() throws {
    if [ratio != nil, bytes != nil, tokensPerSecond != nil, plan != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--ratio, --bytes, --tokens-per-second and --plan exclude each other; give one")
    }
    if let tokensPerSecond, tokensPerSecond <= 0 {
      throw ValidationError("--tokens-per-second is \(tokensPerSecond); give a positive number")
    }
    if groupSize < 1 { throw ValidationError("--group-size is \(groupSize); give 1 or more") }
    if let ratio, !(ratio > 0 && ratio < 1) {
      throw ValidationError("--ratio is \(ratio); give the fraction of parameters to remove, between 0 and 1")
    }
    _ = try request(ratio: ratio ?? 0.2)
    _ = try precision()
    _ = try budget()
  }

  /// The format of the factors.
  func precision() throws -> TensorType { try Self.precision(type) }

  /// The format of that name, if factors can be written in it.
  static func precision(_ name: String) throws -> TensorType {
    let known: [TensorType] = [.f32, .f16, .bf16, .q8_0, .q5_1, .q5_0, .q4_1, .q4_0]
    guard let type = TensorType(name: name), known.contains(type) else {
      throw ValidationError("--type is '\(name)'; give f32, f16, bf16, q8_0, q5_1, q5_0, q4_1 or q4_0")
    }
    return type
  }

  /// How the plan is found at a ratio.
  func request(ratio: Double) throws -> PlanRequest {
    switch share {
    case "auto": return .auto(ratio: ratio)
    case "optimal": return .optimal(longest: groupSize, ratio: ratio)
    default:
      guard let preset = SharingPreset(rawValue: share) else {
        throw ValidationError("--share is '\(share)'; give separate, gqa, llama, all, auto or optimal")
      }
      return .preset(preset, groupSize: groupSize, ratio: ratio)
    }
  }

  /// How the plan is found: at the ratio, or at the smallest one that meets the budget.
  ///
  /// Budgets are met by the preset's plan; `auto` and `optimal` then look for their plan at the ratio that was found.
  func request(_ file: ModelFile) throws -> PlanRequest {
    let shapes = ModelShapes(file.config)
    let found = try found(file, shapes)
    try found.check(shapes)
    return found
  }

  private func found(_ file: ModelFile, _ shapes: ModelShapes) throws -> PlanRequest {
    if let plan {
      return .fixed(try JSON.read(SharingPlan.self, from: URL(fileURLWithPath: plan)))
    }
    guard bytes != nil || tokensPerSecond != nil else { return try request(ratio: ratio ?? 0.2) }
    let precision = try precision()
    let shared = SharingPreset(rawValue: share)?.shared ?? []
    let blocks = file.tensors.filter { tensor in LinearSite.allCases.contains { site in isBlock(tensor.name, site) } }
    let otherBytes = file.tensors.reduce(0) { $0 + $1.byteCount } - blocks.reduce(0) { $0 + $1.byteCount }
    let dense = blocks.first?.type ?? .f32
    func size(_ plan: SharingPlan) -> Int {
      otherBytes + plan.blockBytes(shapes, factors: precision, dense: dense)
    }
    let limit = try budget()
    let cost =
      tokensPerSecond == nil ? nil : DecodeCostModel(try machine(), bytesPerWeight: precision.bitsPerWeight / 8)
    let found = try BudgetPlanner.smallestRatio(
      for: bytes ?? "\(tokensPerSecond ?? 0) tokens per second",
      plan: { try .paper(shared: shared, groupSize: groupSize, ratio: $0, shapes: shapes) },
      meets: { plan in
        if let limit { return size(plan) <= limit }
        guard let cost, let wanted = tokensPerSecond else { return true }
        return cost.tokensPerSecond(plan, shapes, otherBytes: Double(otherBytes)) >= wanted
      })
    Terminal.remark(
      String(format: "the budget needs a ratio of %.3f: %.1f MB", found.ratio, 1e-6 * Double(size(found.plan))))
    return try request(ratio: found.ratio)
  }

  private func isBlock(_ name: String, _ site: LinearSite) -> Bool {
    name.hasPrefix("blk.") && name.hasSuffix(site.tensor(layer: 0).name.dropFirst("blk.0".count))
  }

  /// `--bytes` as a number.
  private func budget() throws -> Int? {
    guard let bytes else { return nil }
    let units: [(String, Double)] = [("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("B", 1), ("", 1)]
    for (unit, factor) in units where bytes.uppercased().hasSuffix(unit) {
      if let value = Double(bytes.dropLast(unit.count)), value > 0, value * factor < 1e15 { return Int(value * factor) }
    }
    throw ValidationError("--bytes is '\(bytes)'; give a size such as 60MB")
  }

  /// The shipped description with this machine's bandwidth and product rate.
  private func machine() throws -> DecodeMachine {
    var machine = try DecodeMachine.named(DecodeMachine.names[0])
    machine.name = "this machine"
    machine.dramGBs = MachineProbe.memoryBandwidth()
    machine.gflops = MachineProbe.peak(.float32, threads: Threads.count)
    machine.source = "measured just now"
    return machine
  }
}
