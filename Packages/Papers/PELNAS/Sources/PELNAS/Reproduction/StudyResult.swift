import ReproductionKit

/// What one study contributes to the report; a step of the run, so that a resumed run does not repeat it.
struct StudyResult: Sendable, Codable {
  var claims: [Claim] = []
  var tables: [Table] = []
  var charts: [Chart] = []
  var notes: [String] = []
}
