import Testing
import TinyTensor

@Suite struct MachineProbeTests {
  @Test func factsAreConsistent() {
    #expect([4, 8, 16].contains(MachineProbe.simdWidth))
    #expect(MachineProbe.cores >= 1 && !MachineProbe.cpuName.isEmpty)
    #expect(Set(MachineProbe.unusedFeatures).isDisjoint(with: MachineProbe.compiledFeatures))
  }

  @Test func measurementsArePositive() {
    #expect(MachineProbe.peakGigaflops() > 0)
    #expect(MachineProbe.memoryBandwidth() > 0)
    #expect(MachineProbe.parallelOverhead() > 0)
  }
}
