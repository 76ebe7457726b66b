/// Everything measured about one network; stored as a checkpoint, replayed on resume.
struct SetResult: Codable, Sendable {
  /// A program on a core, through a compiler.
  struct Row: Codable, Sendable {
    var program: String
    var compiler: String
    var core: String
    var mean: Double
    var size: Int
    var stack: Int
    var maximum: Int
    var worstCase: Int?
  }

  /// What one compiler made of the emitted C: warnings are errors, and every answer is compared with the Swift model's.
  struct CompiledCode: Codable, Sendable {
    var compiler: String
    var programs = 0
    var answers = 0
    var differing = 0
    /// What the compiler had to say against programs that it refused.
    var complaints: [String] = []
  }

  /// Instructions of one program on the same rows.
  struct InstructionCounts: Codable, Sendable {
    var program: String
    var own: Int
    var qemu: Int
  }

  /// Latencies of one program: cycles at each percent of the test rows.
  struct Distribution: Codable, Sendable {
    var program: String
    var percentiles: [Double]
  }

  var name: String
  var set: String
  var seed: UInt64
  var l1: Float
  var isSynthetic: Bool
  var classes: Int
  var macs: Int
  /// Accuracy of the integer network, of the float network, of the decision tree and of the forest, on test rows.
  var accuracy, floatAccuracy, treeAccuracy, forestAccuracy: Double
  var paths: Int
  var decidedLeaves: Int
  /// Share of training rows in leaves proved constant; a lower bound if not all leaves were decided.
  var constantShare: Double
  var refuted: Int
  var undecided: Int
  var candidates: Int
  var flows: Int
  var boxes: Int
  var obliques: Int
  var margins: Int
  /// Share of test rows that leave through the sign flows of the paper-style program.
  var coverage: Double
  /// Inputs on which the programs were compared with the network, and how many differed.
  var inputsTried: Int
  var disagreements: Int
  /// Answers of the paper's uncertified flows that differ from the network's, on all rows.
  var paperDisagreements: Int
  var paperFlows: Int
  var certificates: Int
  var certificateLeaves: Int
  var refusedCertificates: Int
  var compiled: [CompiledCode]
  /// Empty where qemu is absent.
  var qemu: [InstructionCounts]
  var rows: [Row]
  var distributions: [Distribution]
  /// Share of test rows that leave the best program through each kind of exit.
  var exits: [String: Double]
  /// One sentence per certified exit.
  var explanations: [String]
  /// Nanoseconds per row on this machine, by program.
  var native: [String: Double]

  /// Adds what a compiler made of one program.
  mutating func record(compiler: String, answers: Int, differing: Int, complaint: String? = nil) {
    let index = compiled.firstIndex { $0.compiler == compiler } ?? compiled.count
    if index == compiled.count { compiled.append(CompiledCode(compiler: compiler)) }
    compiled[index].programs += 1
    compiled[index].answers += answers
    compiled[index].differing += differing
    if let complaint { compiled[index].complaints.append(complaint) }
  }

  /// Mean cycles of a program, or nothing if it was not measured.
  func mean(_ program: String, _ compiler: String, _ core: String) -> Double? {
    rows.first { $0.program == program && $0.compiler == compiler && $0.core == core }?.mean
  }
}
