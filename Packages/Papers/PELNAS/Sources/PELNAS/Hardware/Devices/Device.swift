/// A device whose costs are tabulated.
public struct Device: Sendable, Hashable, Codable {
  /// The word of the command line and of column names.
  public let id: String
  /// Its name.
  public let name: String
  /// How its numbers came about.
  public let evidence: Evidence
  /// Whether the energy is tabulated.
  public let hasEnergy: Bool
  /// Whether its costs are tabulated for one (unstated, CIFAR-10-shaped) input only.
  public let isFurther: Bool

  init(_ id: String, _ name: String, _ evidence: Evidence = .measured, energy: Bool = false, further: Bool = false) {
    self.id = id
    self.name = name
    self.evidence = evidence
    hasEnergy = energy
    isFurther = further
  }

  /// The six devices of HW-NAS-Bench, which the paper uses.
  public static let main: [Device] = [
    Device("edgegpu", "NVIDIA Jetson TX2", energy: true), Device("raspi4", "Raspberry Pi 4"),
    Device("edgetpu", "Coral Edge TPU"), Device("pixel3", "Google Pixel 3"),
    Device("eyeriss", "Eyeriss ASIC", .estimated, energy: true), Device("fpga", "FPGA", .estimated, energy: true),
  ]

  /// 23 further devices (HELP), by the batch size of their measurement where it is stated.
  public static let further: [Device] =
    ["titan_rtx", "2080ti", "1080ti", "titanx", "titanxp"].flatMap { gpu in
      [1, 32, 256].map { Device("\(gpu)_\($0)", "GPU \(gpu), batch \($0)", further: true) }
    }
    + [
      "gold_6226", "gold_6240", "silver_4114", "silver_4210r", "pixel2", "samsung_a50", "samsung_s7", "essential_ph_1",
    ].map { Device($0, $0, further: true) }

  /// The device of a word.
  ///
  /// - Throws: ``PELNASError/unknownName(kind:name:known:)``.
  public static func named(_ id: String) throws(PELNASError) -> Device {
    let all = main + further
    guard let found = all.first(where: { $0.id == id }) else {
      throw .unknownName(kind: "device", name: id, known: all.map(\.id))
    }
    return found
  }
}
