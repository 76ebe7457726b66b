import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit
import Testing
import TinyTensor

@Suite struct GramTests {
  @Test(arguments: [(5, 3), (40, 96), (64, 97), (129, 200), (600, 25), (257, 72)])
  func gramEqualsThePlainProduct(tokens: Int, width: Int) throws {
    let x = Fixtures.matrix(tokens, width, seed: 4)
    let rounded = DoubleMatrix(x.tensor)
    var store = GramStore()
    try store.accumulate(x.tensor, site: .down, layer: 2)
    try store.accumulate(x.tensor, site: .down, layer: 3)
    #expect(Fixtures.difference(try store.gram(.down, layers: [2]), rounded.transposed * rounded) < 1e-5)
    let twice = try store.gram(.down, layers: [2, 3])
    let once = try store.gram(.down, layers: [2])
    #expect(zip(twice.values, once.values).allSatisfy { $0 == 2 * $1 })
    let sums = try store.magnitudes(.down, layers: [2])
    let both = try store.magnitudes(.down, layers: [2, 3])
    for column in 0..<width {
      let expected = (0..<tokens).reduce(0.0) { $0 + abs(rounded[$1, column]) }
      #expect(abs(sums[column] - expected) < 1e-5 * expected && both[column] == 2 * sums[column])
    }
  }

  @Test func badActivationsAreNamed() throws {
    var store = GramStore()
    var x = Tensor(zeros: [2, 4])
    x[1, 2] = .nan
    #expect(throws: BasisSharingError.notFinite(site: "attention", layer: 7)) {
      try store.accumulate(x, site: .attention, layer: 7)
    }
    try store.accumulate(Tensor(zeros: [2, 4]), site: .down, layer: 0)
    #expect(throws: BasisSharingError.self) { try store.accumulate(Tensor(zeros: [2, 5]), site: .down, layer: 0) }
    #expect(throws: BasisSharingError.self) { try store.gram(.down, layers: [0, 1]) }
  }

  @Test func interruptedCalibrationGoesOnToTheSameBytes() throws {
    let (_, model, tokens) = try Fixtures.tiny()
    let calibrator = try Calibrator(tokens: tokens, window: 32, windows: 20)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = folder.appendingPathComponent("whole"), cut = folder.appendingPathComponent("cut")
    let grams = try calibrator.grams(model, checkpoint: whole)
    #expect(grams.tokens == 640)
    var asked = 0
    #expect(throws: Interrupted.self) {
      try calibrator.grams(model, checkpoint: cut) {
        asked += 1
        return asked >= 5
      }
    }
    _ = try calibrator.grams(model, checkpoint: cut)
    #expect(try Data(contentsOf: whole) == Data(contentsOf: cut))

    var bytes = try Data(contentsOf: whole)
    bytes.removeLast()
    try bytes.write(to: cut)
    #expect(throws: BasisSharingError.self) { try calibrator.grams(model, checkpoint: cut) }
    let other = try Calibrator(tokens: Array(tokens.dropFirst()), window: 32, windows: 20)
    #expect(throws: BasisSharingError.self) { try other.grams(model, checkpoint: whole) }
    #expect(throws: BasisSharingError.self) { try Calibrator(tokens: [1, 2], window: 32, windows: 1) }
  }
}
