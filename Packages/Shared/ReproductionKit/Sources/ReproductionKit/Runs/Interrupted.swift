/// The run was asked to stop (Ctrl-C, SIGTERM, task cancellation). Its checkpoints stand; `--resume` continues it.
public struct Interrupted: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error.
  public init() {}

  /// One line: what happened and how to go on.
  public var description: String {
    "interrupted; finished steps are saved, run again with --resume to continue"
  }
}
