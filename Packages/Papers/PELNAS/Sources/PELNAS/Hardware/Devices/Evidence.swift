/// How a number came about; copied into every report.
public enum Evidence: String, Sendable, Codable, Hashable, CaseIterable {
  /// Measured on the device or trained in full.
  case measured
  /// Estimated by the benchmark's authors.
  case estimated
  /// Computed by a cost model.
  case model
  /// Predicted from other measurements.
  case predicted
  /// Made up by this package, for trials without the tables.
  case synthetic
}
