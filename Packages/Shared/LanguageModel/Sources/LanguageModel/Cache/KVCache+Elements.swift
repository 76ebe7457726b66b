import TinyTensor

extension KVCache {
  /// The keys of one layer in the given slots: `[slots, kvHeads, headSize]`.
  ///
  /// - Parameter form: with or without the rotation to their positions; the cache's own form by default.
  public func keys(layer: Int, slots: [Int]? = nil, as form: KeyStorage? = nil) -> Tensor {
    let slots = slots ?? Array(0..<count)
    let wanted = form ?? keyStorage
    let result = elements(layer: layer, slots: slots) { layout, head, slot, page, target in
      layout.readKey(layer: layer, head: head, slot: slot, page: page, into: target)
    }
    if wanted == keyStorage { return result }
    return turned(result, slots: slots, forward: wanted == .rotated)
  }

  /// The values of one layer in the given slots: `[slots, kvHeads, headSize]`.
  public func values(layer: Int, slots: [Int]? = nil) -> Tensor {
    elements(layer: layer, slots: slots ?? Array(0..<count)) { layout, head, slot, page, target in
      layout.readValue(layer: layer, head: head, slot: slot, page: page, into: target)
    }
  }

  /// Overwrites keys and values of one layer in the given slots; their segments and all that attended to them count as changed.
  ///
  /// - Parameters:
  ///   - keys: `[slots, kvHeads, headSize]` in the form of ``keyStorage``.
  ///   - values: `[slots, kvHeads, headSize]`.
  public mutating func replace(layer: Int, slots: [Int], keys: Tensor, values: Tensor) {
    let expected = slots.count * model.kvHeads * model.headSize
    precondition(
      keys.count == expected && values.count == expected,
      "\(slots.count) slots need \(expected) elements, got keys \(keys.shape) and values \(values.shape)")
    precondition(slots.allSatisfy { $0 >= 0 && $0 < count }, "slots outside of 0..<\(count)")
    for slot in slots { makeWritable(slot..<slot + 1) }
    if let first = slots.min() { markChanged(from: first) }
    storeRows(keys: keys, values: values, layer: layer, slots: slots)
  }

  func storeRows(keys: Tensor, values: Tensor, layer: Int, slots: [Int]) {
    let layout = self.layout
    let width = model.kvHeads * model.headSize
    keys.withUnsafeBufferPointer { keyBuffer in
      values.withUnsafeBufferPointer { valueBuffer in
        guard let key = keyBuffer.baseAddress, let value = valueBuffer.baseAddress else { return }
        for (row, slot) in slots.enumerated() {
          for head in 0..<model.kvHeads {
            let offset = row * width + head * model.headSize
            layout.write(
              key: key + offset, value: value + offset, layer: layer, head: head, slot: slot % PageLayout.slots,
              page: pages[slot / PageLayout.slots].base)
          }
        }
      }
    }
  }

  private func elements(
    layer: Int, slots: [Int],
    _ read: (PageLayout, _ head: Int, _ slot: Int, UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    precondition(layer >= 0 && layer < model.layers, "layer \(layer) of \(model.layers)")
    precondition(slots.allSatisfy { $0 >= 0 && $0 < count }, "slots outside of 0..<\(count)")
    let layout = self.layout
    var result = Tensor(uninitialized: [slots.count, model.kvHeads, model.headSize])
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for (row, slot) in slots.enumerated() {
        let page = UnsafeRawPointer(pages[slot / PageLayout.slots].base)
        for head in 0..<model.kvHeads {
          read(
            layout, head, slot % PageLayout.slots, page, base + (row * model.kvHeads + head) * model.headSize)
        }
      }
    }
    return result
  }

  /// Keys `[slots, kvHeads, headSize]` rotated to their positions, or back.
  private func turned(_ keys: Tensor, slots: [Int], forward: Bool) -> Tensor {
    var result = keys
    let table = RotaryTable(model.rotary, positions: slots.map { forward ? positions[$0] : -positions[$0] })
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      table.rotate(
        Rows(base, count: slots.count, width: model.kvHeads * model.headSize), heads: model.kvHeads)
    }
    return result
  }

  /// Per page, the cosines and then the sines of every slot's angles, `[pages][2][headSize / 2][64]`, for attention over unrotated keys.
  func rotationTable() -> Tensor? {
    guard keyStorage == .unrotated else { return nil }
    let half = model.headSize / 2
    var table = Tensor(zeros: [pages.count, 2, half, PageLayout.slots])
    table.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      parallelFor(pages.count) { page in
        let own = base + page * 2 * half * PageLayout.slots
        for slot in page * PageLayout.slots..<min(count, (page + 1) * PageLayout.slots) {
          let angles = model.rotary.angles(at: Int(positions[slot]))
          for index in 0..<half {
            own[index * PageLayout.slots + slot % PageLayout.slots] = angles.cosine[index]
            own[(half + index) * PageLayout.slots + slot % PageLayout.slots] = angles.sine[index]
          }
        }
      }
    }
    return table
  }
}
