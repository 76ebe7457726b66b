import LanguageModelShims
import TinyTensor

/// What attention needs of one sequence in a pass.
struct AttentionSequence {
  /// The pages of the sequence's cache, which already hold the keys and values of the pass.
  let pages: [UnsafeRawPointer]
  /// The sequence's rows within the pass.
  let rows: Range<Int>
  /// Per page, cosines then sines `[headSize / 2][64]`, if the keys are stored unrotated.
  let rotation: Tensor?
}

/// Grouped-query attention over a paged cache with an online softmax (Milakov & Gimelshein 2018; Dao et al. 2022).
///
/// Slots are taken page by page (64) within spans of four pages; each span has its own running maximum and sum and is merged
/// into the result in order. A page that a token does not see at all leaves its state untouched bit by bit, and nothing depends
/// on which tokens are computed together: results are identical for any chunking, batching and number of threads.
struct AttentionKernel {
  static let spanPages = 4
  /// Query rows (tokens × heads per group) that share a pass over the keys.
  static let queryRows = 48

  let layout: PageLayout
  let heads: Int
  let rotary: RotaryEmbedding
  let visibility: [Visibility]

  private var headSize: Int { layout.headSize }
  private var group: Int { heads / layout.kvHeads }
  private var spanSlots: Int { Self.spanPages * PageLayout.slots }

  /// Attention of all rows: `queries` and `output` are `[tokens, heads · headSize]`.
  func attend(layer: Int, sequences: [AttentionSequence], queries: Rows, output: Rows) {
    let jobs = plan(sequences)
    let spans = jobs.reduce(0) { $0 + $1.spans.count }
    if jobs.count >= 4 * Threads.count || spans <= jobs.count {
      parallelFor(jobs.count) { run(jobs[$0], layer, sequences, queries, output) }
    } else {
      runSpans(jobs, layer, sequences, queries, output)
    }
  }

  /// The rows `rows` of one sequence, one KV head and its group of query heads.
  private struct Job {
    let sequence: Int
    let rows: Range<Int>
    let kvHead: Int
    let spans: Range<Int>
  }

  private func plan(_ sequences: [AttentionSequence]) -> [Job] {
    let tokens = max(1, Self.queryRows / group)
    var jobs: [Job] = []
    for (index, sequence) in sequences.enumerated() {
      for start in stride(from: sequence.rows.lowerBound, to: sequence.rows.upperBound, by: tokens) {
        let rows = start..<min(start + tokens, sequence.rows.upperBound)
        let limit = rows.reduce(0) { max($0, visibility[$1].limit) }
        let spans = 0..<(limit + spanSlots - 1) / spanSlots
        for head in 0..<layout.kvHeads { jobs.append(Job(sequence: index, rows: rows, kvHead: head, spans: spans)) }
      }
    }
    return jobs
  }

  // MARK: One job

  /// Running maximum, running sum and unnormalised output of `count` query rows.
  private struct State {
    let maximum: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>

    static func floats(_ count: Int, _ headSize: Int) -> Int { count * (headSize + 2) }

    init(_ base: UnsafeMutablePointer<Float>, count: Int, headSize: Int) {
      output = base
      maximum = base + count * headSize
      sum = maximum + count
    }

    func reset(count: Int, headSize: Int) {
      output.update(repeating: 0, count: count * headSize)
      maximum.update(repeating: -.infinity, count: count)
      sum.update(repeating: 0, count: count)
    }
  }

  private func run(
    _ job: Job, _ layer: Int, _ sequences: [AttentionSequence], _ queries: Rows, _ output: Rows
  ) {
    let count = job.rows.count * group
    let stateFloats = State.floats(count, headSize)
    withScratch(Float.self, count: 2 * stateFloats + workFloats(count)) { scratch in
      let total = State(scratch, count: count, headSize: headSize)
      let span = State(scratch + stateFloats, count: count, headSize: headSize)
      let work = scratch + 2 * stateFloats
      gather(queries, job, into: work)
      total.reset(count: count, headSize: headSize)
      for index in job.spans {
        if computeSpan(index, job, layer, sequences[job.sequence], span, work) { merge(span, into: total, count) }
      }
      scatter(total, job, output)
    }
  }

  /// Few jobs, long caches (decoding): spans in parallel, merged afterwards in the same order.
  private func runSpans(
    _ jobs: [Job], _ layer: Int, _ sequences: [AttentionSequence], _ queries: Rows, _ output: Rows
  ) {
    var pieces: [(job: Int, span: Int, offset: Int)] = []
    var floats = 0
    var largest = 0
    for (index, job) in jobs.enumerated() {
      let size = State.floats(job.rows.count * group, headSize)
      largest = max(largest, size)
      for span in job.spans {
        pieces.append((index, span, floats))
        floats += size
      }
    }
    withScratch(Float.self, count: floats + largest) { scratch in
      withUnsafeTemporaryAllocation(of: Bool.self, capacity: pieces.count) { visible in
        parallelFor(pieces.count) { index in
          let piece = pieces[index]
          let job = jobs[piece.job]
          let count = job.rows.count * group
          withScratch(Float.self, count: workFloats(count)) { work in
            gather(queries, job, into: work)
            visible[index] = computeSpan(
              piece.span, job, layer, sequences[job.sequence],
              State(scratch + piece.offset, count: count, headSize: headSize), work)
          }
        }
        var index = 0
        for job in jobs {
          let count = job.rows.count * group
          let total = State(scratch + floats, count: count, headSize: headSize)
          total.reset(count: count, headSize: headSize)
          for _ in job.spans {
            if visible[index] {
              merge(State(scratch + pieces[index].offset, count: count, headSize: headSize), into: total, count)
            }
            index += 1
          }
          scatter(total, job, output)
        }
      }
    }
  }

  /// Scratch of a job: queries, scores, one page of keys and of values.
  private func workFloats(_ count: Int) -> Int {
    count * (headSize + PageLayout.slots) + 2 * headSize * PageLayout.slots
  }

  /// Copies the job's queries to `[token][head of the group][headSize]`, scaled by 1/√headSize.
  private func gather(_ queries: Rows, _ job: Job, into target: UnsafeMutablePointer<Float>) {
    let scale = Float8(repeating: 1 / Float(headSize).squareRoot())
    var output = target
    for row in job.rows {
      let source = queries[row] + job.kvHead * group * headSize
      for start in stride(from: 0, to: group * headSize, by: 8) {
        store8(load8(source + start) * scale, output + start)
      }
      output += group * headSize
    }
  }

  private func scatter(_ state: State, _ job: Job, _ output: Rows) {
    for (index, row) in job.rows.enumerated() {
      for head in 0..<group {
        let source = index * group + head
        let target = output[row] + (job.kvHead * group + head) * headSize
        let inverse = Float8(repeating: state.sum[source] > 0 ? 1 / state.sum[source] : 0)
        for start in stride(from: 0, to: headSize, by: 8) {
          store8(load8(state.output + source * headSize + start) * inverse, target + start)
        }
      }
    }
  }

  /// Attention within one span; false if no row sees any of it.
  private func computeSpan(
    _ span: Int, _ job: Job, _ layer: Int, _ sequence: AttentionSequence, _ state: State,
    _ work: UnsafeMutablePointer<Float>
  ) -> Bool {
    let count = job.rows.count * group
    let scores = work + count * headSize
    let keyScratch = scores + count * PageLayout.slots
    let valueScratch = keyScratch + headSize * PageLayout.slots
    var isVisible = false
    let pages = span * Self.spanPages..<min((span + 1) * Self.spanPages, sequence.pages.count)
    for page in pages {
      let slots = page * PageLayout.slots..<(page + 1) * PageLayout.slots
      var limit = 0
      var needsMask = false
      for row in job.rows where visibility[row].intersects(slots) {
        limit = max(limit, min(visibility[row].limit, slots.upperBound) - slots.lowerBound)
      }
      if limit == 0 { continue }
      for row in job.rows where !visibility[row].contains(slots) { needsMask = true }
      if !isVisible {
        state.reset(count: count, headSize: headSize)
        isVisible = true
      }
      let keys = keys(sequence, page, layer, job.kvHead, keyScratch)
      let values = values(sequence, page, layer, job.kvHead, valueScratch)
      SmallProduct.multiply(
        rows: count, columns: (limit + 7) / 8 * 8, depth: headSize, a: work, aStride: headSize, b: keys,
        bStride: PageLayout.slots, c: scores, cStride: PageLayout.slots, accumulate: false)
      if needsMask { mask(scores, job, slots) }
      softmax(scores, count, (limit + 7) / 8 * 8, state)
      SmallProduct.multiply(
        rows: count, columns: headSize, depth: limit, a: scores, aStride: PageLayout.slots, b: values,
        bStride: headSize, c: state.output, cStride: headSize, accumulate: true)
    }
    return isVisible
  }

  private func mask(_ scores: UnsafeMutablePointer<Float>, _ job: Job, _ slots: Range<Int>) {
    for (index, row) in job.rows.enumerated() {
      let visible = visibility[row]
      if visible.contains(slots) { continue }
      for head in 0..<group {
        let line = scores + (index * group + head) * PageLayout.slots
        for slot in 0..<PageLayout.slots where !visible.sees(slots.lowerBound + slot) { line[slot] = -.infinity }
      }
    }
  }

  /// Turns `width` scores per row into weights relative to the new running maximum and rescales the state.
  private func softmax(_ scores: UnsafeMutablePointer<Float>, _ count: Int, _ width: Int, _ state: State) {
    for row in 0..<count {
      let line = scores + row * PageLayout.slots
      var largest8 = Float8(repeating: -.infinity)
      for start in stride(from: 0, to: width, by: 8) { largest8 = maximum(largest8, load8(line + start)) }
      let largest = max(state.maximum[row], laneMaximum(largest8))
      if largest == -.infinity {
        line.update(repeating: 0, count: width)
        continue
      }
      let shift = Float8(repeating: largest)
      var sum = Float8.zero
      for start in stride(from: 0, to: width, by: 8) {
        let weight = exponential(load8(line + start) - shift)
        store8(weight, line + start)
        sum += weight
      }
      if state.maximum[row] != largest {
        let correction = exponential(Float8(repeating: state.maximum[row] - largest))
        state.sum[row] *= correction[0]
        state.maximum[row] = largest
        let output = state.output + row * headSize
        for start in stride(from: 0, to: headSize, by: 8) { store8(load8(output + start) * correction, output + start) }
      }
      state.sum[row] += laneSum(sum)
    }
  }

  /// Adds the span's state to the total.
  private func merge(_ span: State, into total: State, _ count: Int) {
    for row in 0..<count where span.maximum[row] > -.infinity {
      let largest = max(total.maximum[row], span.maximum[row])
      let own = exponential(Float8(repeating: span.maximum[row] - largest))
      let old = exponential(Float8(repeating: total.maximum[row] - largest))
      total.maximum[row] = largest
      total.sum[row] = total.sum[row] * old[0] + span.sum[row] * own[0]
      let source = span.output + row * headSize
      let target = total.output + row * headSize
      for start in stride(from: 0, to: headSize, by: 8) {
        store8(load8(target + start) * old + load8(source + start) * own, target + start)
      }
    }
  }

  // MARK: Pages as floats

  private func keys(
    _ sequence: AttentionSequence, _ page: Int, _ layer: Int, _ head: Int, _ scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let source = sequence.pages[page] + layout.keyOffset(layer, head)
    if let rotation = sequence.rotation {
      decode(source, into: scratch)
      rotation.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        rotate(scratch, by: base + page * headSize * PageLayout.slots)
      }
      return UnsafePointer(scratch)
    }
    if layout.precision == .float32 { return source.assumingMemoryBound(to: Float.self) }
    decode(source, into: scratch)
    return UnsafePointer(scratch)
  }

  private func values(
    _ sequence: AttentionSequence, _ page: Int, _ layer: Int, _ head: Int, _ scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let source = sequence.pages[page] + layout.valueOffset(layer, head)
    if layout.precision == .float32 { return source.assumingMemoryBound(to: Float.self) }
    decode(source, into: scratch)
    return UnsafePointer(scratch)
  }

  private func decode(_ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>) {
    let size = layout.precision.byteCount
    switch layout.precision {
    case .float16:
      for start in stride(from: 0, to: layout.blockElements, by: 8) {
        store8(PageElements.eight(source + start * size, .float16), target + start)
      }
    case .bfloat16:
      for start in stride(from: 0, to: layout.blockElements, by: 8) {
        store8(PageElements.eight(source + start * size, .bfloat16), target + start)
      }
    case .float32:
      target.update(from: source.assumingMemoryBound(to: Float.self), count: layout.blockElements)
    }
  }

  /// Rotates a page of unrotated keys, each slot by its own angle.
  private func rotate(_ keys: UnsafeMutablePointer<Float>, by angles: UnsafePointer<Float>) {
    let slots = PageLayout.slots
    for index in 0..<headSize / 2 {
      let (first, second) = rotary.pair(index)
      let cosine = angles + index * slots
      let sine = angles + (headSize / 2 + index) * slots
      for start in stride(from: 0, to: slots, by: 8) {
        let x = load8(keys + first * slots + start)
        let y = load8(keys + second * slots + start)
        let c = load8(cosine + start)
        let s = load8(sine + start)
        store8(multiplyAdd(x * c, y, -s), keys + first * slots + start)
        store8(multiplyAdd(y * c, x, s), keys + second * slots + start)
      }
    }
  }
}
