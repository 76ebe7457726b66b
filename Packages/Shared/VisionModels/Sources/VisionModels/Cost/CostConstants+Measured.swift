import TinyTensor

extension CostConstants {
  /// These constants with the processor's replaced by what this machine measurably does: peak arithmetic of one core,
  /// memory bandwidth, and the overhead of one parallel region per layer. Takes about a second.
  public func measuringProcessor() -> CostConstants {
    var result = self
    result.processor = ProcessorModel(
      peakGFLOPsPerCore: Constant(
        MachineProbe.peakGigaflops(), unit: "GFLOP/s", source: "measured on \(MachineProbe.cpuName)"),
      bandwidthGBps: Constant(
        MachineProbe.memoryBandwidth(), unit: "GB/s", source: "measured: large copy with \(Threads.count) threads"),
      layerOverheadMicroseconds: Constant(
        MachineProbe.parallelOverhead(), unit: "us",
        source: "measured: an empty parallel region with \(Threads.count) threads"),
      lanes: Constant(Double(MachineProbe.simdWidth), unit: "float32 lanes", source: "vector width of this build"))
    return result
  }
}
