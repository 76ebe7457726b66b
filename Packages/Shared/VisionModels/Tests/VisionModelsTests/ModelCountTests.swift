import Testing
import VisionModels

/// Exact counts of the literature's networks; the numbers come from an independent implementation.
@Suite struct ModelCountTests {
  struct Oracle: Sendable, CustomTestStringConvertible {
    let name: String
    let classes: Int
    let parameters: Int
    let macs: Int
    var testDescription: String { "\(name), \(classes) classes" }

    init(_ name: String, _ classes: Int, _ parameters: Int, _ macs: Int) {
      self.name = name
      self.classes = classes
      self.parameters = parameters
      self.macs = macs
    }
  }

  static func cell(of operation: String) -> String {
    "nasbench201:|\(operation)~0|+|\(operation)~0|\(operation)~1|+|\(operation)~0|\(operation)~1|\(operation)~2|"
  }

  static let oracles: [Oracle] = [
    Oracle("resnet20", 10, 269_722, 40_551_040), Oracle("resnet20b", 10, 272_474, 40_813_184),
    Oracle("resnet20", 100, 275_572, 40_556_800), Oracle("resnet32", 10, 464_154, 68_862_592),
    Oracle("resnet44", 10, 658_586, 97_174_144), Oracle("resnet56", 10, 853_018, 125_485_696),
    Oracle("resnet110", 10, 1_727_962, 252_887_680), Oracle("resnet56", 100, 858_868, 125_491_456),
    Oracle("vgg16", 10, 14_728_266, 313_201_664), Oracle("vgg16-hidden", 10, 14_991_946, 313_463_808),
    Oracle("vgg16-nobias", 10, 14_724_042, 313_201_664), Oracle("vgg16x0.25", 10, 923_130, 19_907_840),
    Oracle("vgg19", 100, 20_086_692, 398_182_400),
    Oracle("resnet18", 10, 11_173_962, 555_422_720), Oracle("resnet18", 100, 11_220_132, 555_468_800),
    Oracle("resnet34", 10, 21_282_122, 1_159_402_496),
    Oracle("resnet50", 10, 23_520_842, 1_297_829_888), Oracle("resnet50", 100, 23_705_252, 1_298_014_208),
    Oracle("densenet40", 10, 1_019_722, 264_812_928), Oracle("densenet40", 100, 1_060_132, 264_853_248),
    Oracle("densenet-bc-100", 10, 769_162, 287_929_692), Oracle("densenet-bc-40", 10, 176_122, 72_365_352),
    Oracle(cell(of: "nor_conv_3x3"), 10, 1_531_546, 220_119_680),
    Oracle(cell(of: "nor_conv_3x3"), 100, 1_537_396, 220_125_440),
    Oracle(cell(of: "nor_conv_1x1"), 10, 241_306, 31_376_000),
    Oracle(cell(of: "skip_connect"), 10, 73_306, 7_783_040), Oracle(cell(of: "avg_pool_3x3"), 10, 73_306, 7_783_040),
    Oracle(
      "nasbench201:|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|", 10,
      1_073_466, 153_272_960),
    Oracle("airbench93", 10, 569_656, 54_223_904), Oracle("airbench94", 10, 1_972_792, 118_147_360),
    Oracle("resnet18-imagenet", 1000, 11_689_512, 1_814_073_344),
    Oracle("resnet50-imagenet", 1000, 25_557_032, 4_089_184_256),
    Oracle("densenet121", 1000, 7_978_856, 2_834_161_664),
    Oracle("vgg16-imagenet", 1000, 138_365_992, 15_470_264_320),
  ]

  @Test(arguments: oracles) func parametersAndMACs(_ oracle: Oracle) throws {
    let network = try Models.named(oracle.name, classes: oracle.classes)
    let cost = network.cost()
    #expect(cost.parameters == oracle.parameters)
    #expect(network.parameterCount == oracle.parameters)
    #expect(cost.macs == oracle.macs)
    #expect(network.classes == oracle.classes)
  }

  @Test func resnet20HasTheTensorsOfItsCheckpoint() throws {
    let network = try Models.resnetCIFAR(depth: 20)
    let convolutions = network.parameterSpecifications.filter { $0.shape.count == 4 }
    #expect(network.parameters.count == 97)
    #expect(convolutions.reduce(0) { $0 + $1.count } == 267_696)
    #expect(network.parameters["layer2.0.conv1.weight"]?.shape == [32, 16, 3, 3])
    #expect(network.parameters["linear.weight"]?.shape == [10, 64])
    #expect(network.node(named: "layer2.0.shortcut")?.op == .padShortcut(PadShortcut(stride: 2, before: 8, after: 8)))
  }

  @Test(arguments: ["resnet21", "", "resnet", "vgg", "nasbench201:", "nasbench201:|conv~0|+|x|+|y|"])
  func impossibleModelsAreErrors(_ name: String) {
    #expect(throws: NetworkError.self) { try Models.named(name) }
  }

  @Test func impossibleDepthsAndCellsAreErrors() {
    #expect(throws: NetworkError.self) { try Models.resnetCIFAR(depth: 21) }
    #expect(throws: NetworkError.self) { try Models.densenet(depth: 41) }
    #expect(throws: NetworkError.self) { try Models.vggBN(.vgg16, width: .nan) }
    #expect(throws: NetworkError.self) { try Models.named("resnet20", classes: 0) }
    #expect(throws: NetworkError.self) { try Models.parseCell("|none~0|+|none~0|none~0|+|none~0|none~1|none~2|") }
  }

  @Test func everyListedNameBuilds() throws {
    for name in Models.names where !name.contains("<") && !name.contains("imagenet") {
      #expect(try Models.named(name, classes: 3).classes == 3)
    }
  }
}
