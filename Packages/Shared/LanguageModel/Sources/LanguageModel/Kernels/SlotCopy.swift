import TinyTensor

/// Copies cache slots between pages, rotating keys on the way: the machinery under slicing, concatenating and relocating.
struct SlotCopy {
  let layout: PageLayout
  /// How to rotate keys while copying: by the same angle per pair for all slots. `nil` copies bits.
  let rotation: (embedding: RotaryEmbedding, cosine: [Float], sine: [Float])?

  /// Copies the slots `range` of `source` to the slots from `start` on of `target`, whose pages must be unshared and distinct.
  func copy(_ range: Range<Int>, of source: [KVPage], to target: [KVPage], at start: Int) {
    guard !range.isEmpty else { return }
    let runs = Self.runs(range, start)
    parallelFor(layout.layers) { layer in
      for head in 0..<layout.kvHeads {
        for run in runs {
          copyRun(
            run, from: UnsafeRawPointer(source[run.sourcePage].base), to: target[run.targetPage].base, layer, head)
        }
      }
    }
  }

  /// Slots that are contiguous in both a source and a target page.
  private struct Run {
    let sourcePage: Int
    let sourceSlot: Int
    let targetPage: Int
    let targetSlot: Int
    let count: Int
  }

  private static func runs(_ range: Range<Int>, _ start: Int) -> [Run] {
    var runs: [Run] = []
    var source = range.lowerBound
    var target = start
    while source < range.upperBound {
      let count = min(
        range.upperBound - source, PageLayout.slots - source % PageLayout.slots,
        PageLayout.slots - target % PageLayout.slots)
      runs.append(
        Run(
          sourcePage: source / PageLayout.slots, sourceSlot: source % PageLayout.slots,
          targetPage: target / PageLayout.slots, targetSlot: target % PageLayout.slots, count: count))
      source += count
      target += count
    }
    return runs
  }

  private func copyRun(
    _ run: Run, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ layer: Int, _ head: Int
  ) {
    copyKeys(run, from: source, to: target, layer, head)
    let size = layout.precision.byteCount * layout.headSize
    (target + layout.valueOffset(layer, head) + run.targetSlot * size).copyMemory(
      from: source + layout.valueOffset(layer, head) + run.sourceSlot * size, byteCount: run.count * size)
  }

  private func copyKeys(
    _ run: Run, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ layer: Int, _ head: Int
  ) {
    let size = layout.precision.byteCount
    let input = source + layout.keyOffset(layer, head) + run.sourceSlot * size
    let output = target + layout.keyOffset(layer, head) + run.targetSlot * size
    let step = PageLayout.slots * size
    guard let rotation else {
      for row in 0..<layout.headSize {
        (output + row * step).copyMemory(from: input + row * step, byteCount: run.count * size)
      }
      return
    }
    for index in 0..<layout.headSize / 2 {
      let (first, second) = rotation.embedding.pair(index)
      rotatePair(
        count: run.count, cosine: rotation.cosine[index], sine: rotation.sine[index], input + first * step,
        input + second * step, output + first * step, output + second * step)
    }
  }

  private func rotatePair(
    count: Int, cosine: Float, sine: Float, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer,
    _ newFirst: UnsafeMutableRawPointer, _ newSecond: UnsafeMutableRawPointer
  ) {
    let precision = layout.precision
    let size = precision.byteCount
    let c = Float8(repeating: cosine)
    let s = Float8(repeating: sine)
    var slot = 0
    while slot + 8 <= count {
      let x = PageElements.eight(first + slot * size, precision)
      let y = PageElements.eight(second + slot * size, precision)
      PageElements.put(multiplyAdd(x * c, y, -s), newFirst + slot * size, precision)
      PageElements.put(multiplyAdd(y * c, x, s), newSecond + slot * size, precision)
      slot += 8
    }
    while slot < count {
      let x = PageElements.load(first + slot * size, precision)
      let y = PageElements.load(second + slot * size, precision)
      PageElements.store(x * cosine - y * sine, newFirst + slot * size, precision)
      PageElements.store(y * cosine + x * sine, newSecond + slot * size, precision)
      slot += 1
    }
  }
}
