import Foundation
import ReproductionKit
import Testing

@Suite(.serialized) struct InterruptionTests {
  /// SIGUSR2 stands in for SIGINT, which the test runner itself listens to.
  @Test func signalsRaiseTheFlagOnceThenEscalate() async throws {
    let first = CancellationFlag()
    let second = CancellationFlag()
    let handler = InterruptionHandler(
      signals: [SIGUSR2], onFirst: { first.raise() }, onSecond: { second.raise() })
    #expect(!handler.flag.isRaised)
    kill(getpid(), SIGUSR2)
    try await wait { first.isRaised }
    #expect(handler.flag.isRaised && !second.isRaised)
    kill(getpid(), SIGUSR2)
    try await wait { second.isRaised }
    #expect(second.isRaised)
    handler.uninstall()
    handler.uninstall()
  }

  private func wait(until condition: () -> Bool) async throws {
    for _ in 0..<500 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
  }
}
