import ReproductionKit

/// Everything the experiment measured, for claims, tables and charts.
struct Findings {
  let subject: Subject
  let workload: Workload
  let scale: Scale
  let reference: TrainingStudy.Reference
  /// Contest-aware main configuration.
  let main: TrainingStudy.Run
  /// The same without any contest term.
  let twin: TrainingStudy.Run
  let sweep: [TrainingStudy.Run]
  let ablations: [TrainingStudy.Run]
  let baselines: [BaselineStudy.Row]
  let rewriting: BaselineStudy.Rewriting
  let physics: [PhysicsStudy.Row]
  let costs: CostStudy
  let mainLoads: CostStudy.Loads
  let twinLoads: CostStudy.Loads
  /// One crossbar: B = 64, K = 8, b = 3.
  let smallLoads: CostStudy.Loads
  let mainModel: BasisNModel
  let twinModel: BasisNModel

  /// Crossbars of the main configuration.
  static let mainCrossbars = 2
  /// The slowest write model, at which the paper's claims are tested.
  static let slowWrite = "cellSequential-1us"
  /// The fast one.
  static let fastWrite = "cellSequential-100ns"
}
