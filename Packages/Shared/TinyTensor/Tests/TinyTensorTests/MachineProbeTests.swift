import Testing
import TinyTensor

@Suite struct MachineProbeTests {
  @Test func factsAreConsistent() {
    #expect([4, 8, 16].contains(MachineProbe.simdWidth))
    #expect(MachineProbe.cores >= 1 && !MachineProbe.cpuName.isEmpty)
    #expect(Set(MachineProbe.unusedFeatures).isDisjoint(with: MachineProbe.compiledFeatures))
  }

  @Test func measurementsArePositive() {
    #expect(ProductKind.allCases.allSatisfy { MachineProbe.peak($0, threads: 2) > 0 })
    #expect(MachineProbe.peakGigaflops() > 0 && MachineProbe.readBandwidth(workingSet: 10_000) > 0)
    #expect(MachineProbe.memoryBandwidth() > 0)
    #expect(MachineProbe.parallelOverhead() > 0)
  }
}

@Suite struct KernelBenchmarkTests {
  @Test func benchmarksReportRates() throws {
    let result = KernelBenchmark.gemm(32).run(threads: 1, repetitions: 1, rounds: 1)
    #expect(result.gigaflops > 0 && result.peakGigaflops > 0 && result.fractionOfPeak > 0 && result.threads == 1)
    let g = try ConvGeometry(input: [1, 4, 4, 2], weight: [3, 2, 3, 3], padding: 1)
    let passes = KernelBenchmark.convolution(g)
    #expect(passes.count == 3)
    #expect(
      passes.allSatisfy { $0.operations == 2 * Double(g.macs) && $0.run(repetitions: 1, rounds: 1).gigaflops > 0 })
  }
}
