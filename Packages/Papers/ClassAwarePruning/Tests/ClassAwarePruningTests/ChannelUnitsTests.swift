import Testing
import TinyTensor
import VisionModels

import ClassAwarePruning

@Suite("Channel units")
struct ChannelUnitsTests {
  @Test("ResNet-20 B: 16 + 32 + 64 stream units and 336 internal ones")
  func resnetUnits() throws {
    let units = try ChannelUnits(Models.resnetCIFAR(depth: 20, shortcut: .projection))
    #expect(units.prunable(scope: .all, pruneFirst: true).count == 16 + 32 + 64 + 336)
    #expect(units.prunable(scope: .internal).count == 336)
    // The first convolution reads the image and holds the first stream.
    #expect(units.prunable(scope: .all).count == 32 + 64 + 336)
  }

  @Test("ResNet-20 A ties all streams into 64 units")
  func optionAUnits() throws {
    let units = try ChannelUnits(Models.resnetCIFAR(depth: 20))
    #expect(units.prunable(scope: .all, pruneFirst: true).count == 64 + 336)
    #expect(units.prunable(scope: .internal).count == 336)
    #expect(units.groups.count == 10)
  }

  @Test(
    "Layers that are tied to each other",
    arguments: [("resnet20b", 12), ("resnet56b", 30), ("vgg16-nobias", 13), ("densenet40", 39)])
  func groups(model: String, count: Int) throws {
    #expect(try ChannelUnits(Models.named(model)).groups.count == count)
  }

  @Test("A bottleneck's first two convolutions are internal")
  func bottleneck() throws {
    let network = try Models.resnet50()
    let units = try ChannelUnits(network)
    let internalLayers = Set(
      units.prunable(scope: .internal).compactMap { units.unit($0).producers.first?.layer })
    #expect(internalLayers.count == 32)
    #expect(internalLayers.allSatisfy { $0.hasSuffix("conv1") || $0.hasSuffix("conv2") })
  }

  @Test("NAS-Bench-201 cells: sums tie what meets in a node")
  func nasCell() throws {
    let cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
    let units = try ChannelUnits(Models.nasBench201(cell, channels: 4, cells: 1))
    // Free are node 1, which a single edge reaches, in each of the three cells, and the middle of the two reductions.
    #expect(units.prunable(scope: .internal).count == (4 + 8 + 16) + (8 + 16))
    // Per cell: input and output tied by the skip, node 1, node 2; and the middle of the reductions.
    #expect(units.prunable(scope: .all, pruneFirst: true).count == 3 * (4 + 8 + 16) + (8 + 16))
  }

  @Test("A depthwise convolution ties its output to its input")
  func depthwise() throws {
    let network = try Fixtures.depthwise(channels: 6)
    let units = try ChannelUnits(network)
    let unit = units.unit(try units.units(of: "expand")[2])
    #expect(
      unit.producers == [LayerChannel(layer: "expand", channel: 2), LayerChannel(layer: "depthwise", channel: 2)])
    // `expand` reads the image, and the depthwise layer goes with it; `project` is free.
    #expect(units.prunable(scope: .all).count == 8)
    #expect(units.prunable(scope: .all, pruneFirst: true).count == 6 + 8)
  }

  @Test("Flattened channels stand for all their pixels")
  func flattened() throws {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 3, to: 4, kernel: 3)
    x = builder.add("flatten", .flatten, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 4 * 4 * 4, outputFeatures: 2)), x)
    let units = try ChannelUnits(builder.build(name: "flat", inputShape: [4, 4, 3]))
    let unit = units.unit(try units.units(of: "conv")[1])
    #expect(unit.consumers.map(\.channel) == Array(16..<32))
  }

  @Test("Halving every unit gives the published sizes")
  func halving() throws {
    for (model, parameters, macs) in [
      ("resnet20b", 68_786, 10_314_048), ("resnet56b", 215_282, 31_547_712), ("vgg16-nobias", 3_684_842, 78_744_064),
    ] {
      let network = try Models.named(model)
      let units = try ChannelUnits(network)
      var remove: [String: [Int]] = [:]
      for group in units.groups {
        let width = try units.units(of: group[0]).count
        remove[group[0]] = Array(width / 2..<width)
      }
      let plan = try PruningPlan(removing: remove, from: network, units: units)
      let rebuilt = try network.pruned(by: plan, units: units)
      #expect(plan.after.parameters == parameters, "\(model)")
      #expect(plan.after.macs == macs, "\(model)")
      #expect(NetworkCounts(rebuilt) == plan.after, "\(model)")
    }
  }

  @Test("Custom operations need a pin")
  func customOperation() throws {
    let network = try Fixtures.custom()
    #expect(throws: PruneError.unsupportedNode("special", kind: "test.double")) { try ChannelUnits(network) }
    let units = try ChannelUnits(network, pinning: ["special"])
    #expect(units.prunable(scope: .all, pruneFirst: true).isEmpty)
    #expect(throws: PruneError.self) { try ChannelUnits(network, pinning: ["nowhere"]) }
  }

  @Test("Dead nodes are refused by name")
  func deadNode() throws {
    var builder = NetworkBuilder()
    let x = builder.convolution("conv", builder.input, from: 3, to: 4, kernel: 3)
    _ = builder.convolution("dead", x, from: 4, to: 4, kernel: 3)
    let pooled = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 4, outputFeatures: 2)), pooled)
    let network = try builder.build(name: "dead", inputShape: [4, 4, 3])
    #expect(throws: PruneError.disconnectedNode("dead")) { try ChannelUnits(network) }
  }
}
