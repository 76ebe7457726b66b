import ReproductionKit

/// What one study contributes to the report.
struct StudyResult: Sendable, Codable {
  var claims: [Claim] = []
  var tables: [Table] = []
  var charts: [Chart] = []
  var notes: [String] = []
}
