import ArgumentParser
import Foundation
import ReproductionKit

/// An error that says: nothing is wrong with what you asked, but this machine lacks something. Ends with exit code 3.
protocol MissingResource: Error {}

/// How the tool ends when a command throws.
enum Failure {
  /// Prints `error` the way the tool speaks (one line on standard error; help on standard output) and exits.
  static func exitProcess(after error: any Error) -> Never {
    switch error {
    case let code as ExitCode:
      exit(code.rawValue)
    case is CleanExit:
      print(Hardwise.fullMessage(for: error))
      exit(ExitStatus.success.rawValue)
    case let error as ValidationError:
      // Thrown while a command runs, when the parser no longer knows which command's usage to show.
      Terminal.complain(error.message)
      exit(ExitStatus.badInput.rawValue)
    case _ where Hardwise.exitCode(for: error) == .success:
      print(Hardwise.fullMessage(for: error))
      exit(ExitStatus.success.rawValue)
    case _ where Hardwise.exitCode(for: error) == .validationFailure:
      // ArgumentParser's own words: the error, the usage line, where to find help.
      FileHandle.standardError.write(Data((Hardwise.fullMessage(for: error) + "\n").utf8))
      exit(ExitStatus.badInput.rawValue)
    case is any MissingResource:
      Terminal.complain(String(describing: error))
      exit(ExitStatus.missingData.rawValue)
    default:
      Terminal.complain(String(describing: error))
      exit(ExitStatus(for: error).rawValue)
    }
  }
}

extension ExitStatus {
  /// What a command throws to end with this status after it has said everything itself.
  var code: ExitCode { ExitCode(rawValue) }
}
