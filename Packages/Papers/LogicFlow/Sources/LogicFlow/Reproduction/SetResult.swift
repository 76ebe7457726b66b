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
  /// Accuracy of the integer network, of the float network, and of the decision tree, on test rows.
  var accuracy, floatAccuracy, treeAccuracy: Double
  var paths: Int
  var decidedLeaves: Int
  /// Share of training rows in leaves proved constant; a lower bound if not all leaves were decided.
  var constantShare: Double
  var refuted: Int
  var undecided: Int
  var candidates: Int
  var flows: Int
  var boxes: Int
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
  var rows: [Row]
  var distributions: [Distribution]
  /// One sentence per certified exit.
  var explanations: [String]
  /// Nanoseconds per row on this machine, by program.
  var native: [String: Double]

  /// Mean cycles of a program, or nothing if it was not measured.
  func mean(_ program: String, _ compiler: String, _ core: String) -> Double? {
    rows.first { $0.program == program && $0.compiler == compiler && $0.core == core }?.mean
  }
}
