extension RooflineChart.Ceiling: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, name, rate
  }

  private enum Kind: String, Codable {
    case bandwidth, compute
  }

  /// Reads `{"kind": "bandwidth", "name": "DRAM", "rate": 18}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    let rate = try container.decodeNumber(forKey: .rate)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .bandwidth: self = .bandwidth(name, gigabytesPerSecond: rate)
    case .compute: self = .compute(name, gigaoperationsPerSecond: rate)
    }
  }

  /// Writes the kind, the name and the rate in 10⁹ bytes or operations per second.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .bandwidth(let name, let rate):
      try container.encode(Kind.bandwidth, forKey: .kind)
      try container.encode(name, forKey: .name)
      try container.encodeNumber(rate, forKey: .rate)
    case .compute(let name, let rate):
      try container.encode(Kind.compute, forKey: .kind)
      try container.encode(name, forKey: .name)
      try container.encodeNumber(rate, forKey: .rate)
    }
  }
}

extension RooflineChart.Kernel: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, intensity, gigaoperationsPerSecond, group
  }

  /// Reads a kernel as written in `report.json`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    intensity = try container.decodeNumber(forKey: .intensity)
    gigaoperationsPerSecond = try container.decodeNumber(forKey: .gigaoperationsPerSecond)
    group = try container.decode(String.self, forKey: .group)
  }

  /// Writes non-finite numbers as strings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encodeNumber(intensity, forKey: .intensity)
    try container.encodeNumber(gigaoperationsPerSecond, forKey: .gigaoperationsPerSecond)
    try container.encode(group, forKey: .group)
  }
}
