/// Whether operations record how to differentiate themselves; task-local, so that evaluation in one task does not disturb
/// training in another.
enum GradientMode {
  @TaskLocal static var isEnabled = true
}

/// Runs `body` without recording operations: its results never require gradients and nothing is saved for a backward pass.
///
/// Wrap evaluation and parameter surgery in it.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
  try GradientMode.$isEnabled.withValue(false, operation: body)
}
