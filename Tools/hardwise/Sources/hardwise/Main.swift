import ArgumentParser

@main
enum Main {
  static func main() async {
    do {
      var command = try Hardwise.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exitProcess(after: error)
    }
  }
}
