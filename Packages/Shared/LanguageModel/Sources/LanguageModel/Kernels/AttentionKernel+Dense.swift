import TinyTensor

extension AttentionKernel {
  /// Attention over keys and values in plain tensors, through pages that live as long as the call: bit for bit what a float cache gives.
  ///
  /// - Parameters:
  ///   - queries: rotated queries `[tokens, heads · headSize]`.
  ///   - keys: rotated keys `[slots, kvHeads · headSize]`.
  ///   - values: `[slots, kvHeads · headSize]`.
  ///   - visibility: per query the slots that it sees.
  /// - Returns: `[tokens, heads · headSize]`.
  static func attend(
    queries: Tensor, keys: Tensor, values: Tensor, config: LlamaConfig, rotary: RotaryEmbedding,
    visibility: [Visibility]
  ) -> Tensor {
    let layout = PageLayout(layers: 1, kvHeads: config.kvHeads, headSize: config.headSize, precision: .float32)
    let slots = keys.shape[0]
    let pages = (0..<PageLayout.pages(for: slots)).map { _ in KVPage(zeroed: layout.pageBytes) }
    let kernel = AttentionKernel(layout: layout, heads: config.heads, rotary: rotary, visibility: visibility)
    var (queries, keys, values) = (queries, keys, values)
    var output = Tensor(uninitialized: queries.shape)
    Rows.with(&keys) { keys in
      Rows.with(&values) { values in
        layout.store(keys: keys, values: values, layer: 0, slots: ArraySlice(0..<Int32(slots)), pages: pages)
      }
    }
    Rows.with(&queries) { queries in
      Rows.with(&output) { output in
        kernel.attend(
          layer: 0,
          sequences: [
            AttentionSequence(
              pages: pages.map { UnsafeRawPointer($0.base) }, rows: 0..<queries.count, rotation: nil)
          ], queries: queries, output: output)
      }
    }
    return output
  }
}
