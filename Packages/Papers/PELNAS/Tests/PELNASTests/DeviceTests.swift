import Foundation
import PELNAS
import Testing
import VisionModels

@Suite struct DeviceTests {
  private func device(_ text: String) throws -> DeviceFile {
    let url = try temporaryFolder().appending(path: "d.json")
    try Data(text.utf8).write(to: url)
    return try DeviceFile.read(url)
  }

  @Test func anAdditiveFileIsItsLaw() throws {
    let file = try device(
      """
      {"device":"my-fpga","source":"additive","latency":{"base":1.13296,"perOp":{"nor_conv_1x1":0.5152,
      "nor_conv_3x3":1.2576,"avg_pool_3x3":0.4096}},"units":{"latency":"ms"},"countDeadOps":true,"evidence":"model"}
      """)
    let cells = try [Cell(word: "333132"), Cell(word: "000000"), Cell(word: "300000")]
    #expect(try file.costModel().costs(of: cells) == AdditiveCost.fpga.costs(of: cells))
    let url = try temporaryFolder().appending(path: "again.json")
    try file.write(to: url)
    #expect(try DeviceFile.read(url) == file)
  }

  @Test(arguments: [
    "", "{}", "{\"device\":\"a\",\"source\":\"guess\",\"evidence\":\"model\"}",
    "{\"device\":\"a\",\"source\":\"additive\",\"evidence\":\"model\"}",
    "{\"device\":\"a\",\"source\":\"additive\",\"latency\":{\"base\":1,\"perOp\":{\"conv9x9\":1}},\"evidence\":\"model\"}",
    "{\"device\":\"a\",\"source\":\"additive\",\"latency\":{\"base\":-1,\"perOp\":{}},\"evidence\":\"model\"}",
    "{\"device\":\"a\",\"source\":\"additive\",\"latency\":{\"base\":1,\"perOp\":{}},\"units\":{\"latency\":\"s\"},\"evidence\":\"model\"}",
    "{\"device\":\"a\",\"source\":\"table\",\"latency\":\"abacus_ms\",\"evidence\":\"measured\"}",
    "{\"device\":\"a\",\"source\":\"measured\",\"measurements\":{\"333132\":1},\"evidence\":\"measured\"}",
    "{\"device\":\"a\",\"source\":\"measured\",\"measurements\":{\"999999\":1},\"evidence\":\"measured\"}",
    "{\"device\":\"a\",\"source\":\"measured\",\"measurements\":{\"333132\":-1},\"evidence\":\"measured\"}",
  ])
  func brokenFilesAreErrors(_ text: String) {
    #expect(throws: PELNASError.self) { try device(text) }
  }

  /// A latency that is a sum over live edges is found again from a fifth of a hundred cells.
  @Test func structuralModelsRecoverSums() throws {
    let law = AdditiveCost(
      name: "law", unit: "ms", base: 2, perOperation: [.conv1x1: 0.5, .conv3x3: 1.5, .avgPool3x3: 0.3],
      countsDeadOperations: false)
    let cells = LatencyMeter.sample(200, seed: 3)
    let model = try StructuralLatency.fit(
      name: "this", Dictionary(uniqueKeysWithValues: cells.map { ($0, law.cost(of: $0)) }))
    for cell in LatencyMeter.sample(50, seed: 4) {
      let found = try #require(model.costs(of: [cell])[0])
      #expect(abs(found - law.cost(of: cell)) < 0.1)
    }
    #expect(model.costs(of: [.empty]) == [nil])
    #expect(throws: PELNASError.self) { try StructuralLatency.fit(name: "few", [.empty: 1]) }
  }

  @Test func thisComputerTakesTime() throws {
    let meter = LatencyMeter(warmUp: 1, repeats: 3)
    #expect(try meter.latency(of: Cell(word: "000100")) > 0)
  }

  @Test func hardwareModelsOfOthersBecomeDevices() throws {
    struct Weights: HardwareModel {
      let name = "weights"
      let unit = "k"
      func cost(of network: Network) -> Double { Double(network.cost().parameters) * 1e-3 }
    }
    let model = HardwareModelCost(Weights(), dataSet: .cifar10)
    let cell = try Cell(word: "333132")
    let costs = try model.costs(of: [cell, .empty, Cell(word: "300000")])
    #expect(costs == [Double(CellCounts(cell).parameters) * 1e-3, nil, nil])
    let task = try SearchTask(syntheticBenchmark, .cifar10, on: model)
    #expect(task.usable.count == Cell.spaceSize - 341 && task.costEvidence == .model)
  }

  @Test func drawingsShowEveryEdge() throws {
    let cell = try Cell(word: "321432")
    let svg = CellDrawing.svg(cell)
    #expect(svg.components(separatedBy: "<path").count == 7 && svg.hasSuffix("</svg>"))
    #expect(CellDrawing.text(cell).contains("n3 = avgpool3x3(n0) + conv3x3(n1) + conv1x1(n2)"))
    #expect(CellDrawing.text(try Cell(word: "300000")).contains("[dead]"))
  }
}
