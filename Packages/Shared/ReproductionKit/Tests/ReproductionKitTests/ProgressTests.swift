import Foundation
import ReproductionKit
import Testing

/// Collects what a sink writes, and a clock that tests set.
private final class Recorder: ProgressSink, @unchecked Sendable {
  private let lock = NSLock()
  private var states: [ProgressState] = []
  private var output = ""
  private var seconds = 0.0

  var fractions: [Double] { lock.withLock { states.map { ($0.fraction * 1000).rounded() / 1000 } } }
  var last: ProgressState? { lock.withLock { states.last } }
  var text: String { lock.withLock { output } }
  func update(_ state: ProgressState) { lock.withLock { states.append(state) } }
  func message(_ text: String) {}
  func finish() {}
  func write(_ text: String) { lock.withLock { output += text } }
  func clear() { lock.withLock { output = "" } }
  func now() -> Double { lock.withLock { seconds } }
  func wait(_ time: Double) { lock.withLock { seconds += time } }

  func sink(isTerminal: Bool, width: Int = 80) -> TerminalProgressSink {
    TerminalProgressSink(
      isTerminal: isTerminal, width: { width }, write: { self.write($0) }, now: { self.now() })
  }
}

@Suite struct ProgressTests {
  @Test func phasesNestWithWeights() {
    let recorder = Recorder()
    let progress = ProgressReporter(sink: recorder)
    let phases = progress.phases(["load": 1, "train": 8, "measure": 1])
    phases["load"].report(0.5)
    phases["train"].report(0)
    let inner = phases["train"].phases(["first": 1, "second": 1])
    inner["second"].report(1, of: 2, "epoch 1")
    phases["measure"].report(1)
    #expect(recorder.fractions == [0.05, 0.1, 0.7, 1])
    #expect(recorder.last?.phases == ["measure"])
  }

  @Test func fractionsAreSaneAndNeverFall() {
    let recorder = Recorder()
    let progress = ProgressReporter(sink: recorder)
    for value in [0.5, 0.2, .nan, -3, 7] { progress.report(value) }
    #expect(recorder.fractions == [0.5, 0.5, 0.5, 0.5, 1])
    progress.phases([:])["undeclared"].report(0.5)
    progress.report(1, of: 0)
    #expect(recorder.last?.fraction == 1)
  }

  @Test func terminalRewritesOneLine() {
    let recorder = Recorder()
    let sink = recorder.sink(isTerminal: true, width: 60)
    sink.update(ProgressState(phases: ["train", "epoch 3"], fraction: 0.5))
    #expect(recorder.text.hasPrefix("\r\u{1B}[K██████████░░░░░░░░░░  50 %"))
    #expect(recorder.text.contains("train › epoch 3"))
    #expect(!recorder.text.contains("\n"))
    recorder.clear()
    sink.update(ProgressState(phases: ["train", "epoch 3"], fraction: 0.51))
    #expect(recorder.text.isEmpty)  // too soon
    recorder.wait(1)
    sink.update(ProgressState(phases: ["x"], detail: String(repeating: "long ", count: 50), fraction: 0.6))
    #expect(recorder.text.count <= 60 + 4)
    recorder.clear()
    sink.message("hello")
    #expect(recorder.text.hasPrefix("\r\u{1B}[Khello\n"))
    recorder.clear()
    sink.finish()
    #expect(recorder.text == "\r\u{1B}[K")
  }

  @Test func plainOutputIsSparse() {
    let recorder = Recorder()
    let sink = recorder.sink(isTerminal: false)
    for step in 0...1000 {
      recorder.wait(0.1)
      sink.update(ProgressState(phases: ["train"], fraction: Double(step) / 1000))
    }
    sink.finish()
    let lines = recorder.text.split(separator: "\n")
    #expect((19...22).contains(lines.count))
    #expect(!recorder.text.contains("\u{1B}"))
    #expect(lines[10].contains("50 %") && lines[10].contains("left"))
  }

  @Test func replayedStepsDoNotSpoilTheEstimate() throws {
    let recorder = Recorder()
    let sink = recorder.sink(isTerminal: false)
    recorder.wait(0.01)
    sink.update(ProgressState(fraction: 0.8))  // a replay: no work behind it
    for step in 1...10 {
      recorder.wait(6)
      sink.update(ProgressState(fraction: 0.8 + 0.01 * Double(step)))
    }
    let last = try #require(recorder.text.split(separator: "\n").last)
    // A tenth took a minute, a tenth is left; rounding may take a second off.
    #expect(["1 min 00 s left", "60 s left", "59 s left"].contains { last.contains($0) }, "\(last)")
  }
}
