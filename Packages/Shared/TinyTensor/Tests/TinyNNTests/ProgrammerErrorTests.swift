import Testing
import TinyNN
import TinyTensor

/// Misuse of the API must stop the program with a message instead of computing nonsense.
@Suite struct ProgrammerErrorTests {
  @Test func differentiatingTwice() async {
    await #expect(processExitsWith: .failure) {
      let x = Variable(Tensor(scalar: 2), requiresGradient: true)
      let y = square(x)
      y.backward()
      y.backward()
    }
  }

  @Test func assigningToAResult() async {
    await #expect(processExitsWith: .failure) {
      let y = square(Variable(Tensor(scalar: 2), requiresGradient: true))
      y.value = Tensor(scalar: 1)
    }
  }

  @Test func gradientOfTheWrongShape() async {
    await #expect(processExitsWith: .failure) {
      let x = Variable(Tensor(zeros: [3]), requiresGradient: true)
      Variable.custom("wrong", inputs: [x], value: Tensor(scalar: 0)) { _, _ in [Tensor(zeros: [2])] }.backward()
    }
  }

  @Test func batchStatisticsOfOneValue() async {
    await #expect(processExitsWith: .failure) {
      _ = batchNorm(
        Variable(Tensor(zeros: [1, 1, 1, 4])), statistics: BatchNormState(channels: 4), training: true)
    }
  }

  @Test func labelsOutsideOfTheClasses() async {
    await #expect(processExitsWith: .failure) {
      _ = crossEntropy(Variable(Tensor(zeros: [1, 3])), labels: [3])
    }
  }
}
