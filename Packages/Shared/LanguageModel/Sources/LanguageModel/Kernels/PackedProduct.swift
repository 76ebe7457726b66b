import TinyTensor

/// One product of a pass over shared activations: `output = input · matrixᵀ`.
struct PackedProduct {
  let matrix: PackedMatrix
  /// As many rows as the input, `matrix.rows` wide.
  let output: Rows

  /// Computes several products of the same input in one parallel pass.
  ///
  /// - Parameters:
  ///   - input: the activations.
  ///   - quantized: the same activations in 8 bits, for the integer kernels; `nil` computes in floats throughout.
  static func multiply(_ products: [PackedProduct], input: Rows, quantized: QuantizedRows?) {
    guard input.count > 0 else { return }
    let jobs = Job.plan(products, rows: input.count)
    parallelFor(jobs.count) { index in
      let job = jobs[index]
      let product = products[job.product]
      if let quantized, product.matrix.format != .float {
        if job.rows.count < 4 {
          product.multiplyVectors(job, quantized)
        } else if product.matrix.format == .nibble {
          product.multiplyUnpacked(job, quantized)
        } else {
          product.multiplyBytes(job, quantized)
        }
      } else if product.matrix.format == .float && job.rows.count < 4 {
        product.multiplyPanels(job, input)
      } else {
        product.multiplyFloats(job, input)
      }
    }
  }

  /// A rectangle of one product's output.
  private struct Job {
    let product: Int
    let tiles: Range<Int>
    let rows: Range<Int>

    /// Tiles that are unpacked together in float mode: 64 outputs.
    static let tileGroup = 4
    /// Rows of activations of one job: they and a group of tiles stay in L2.
    static let rowGroup = 96

    static func plan(_ products: [PackedProduct], rows: Int) -> [Job] {
      let total = products.reduce(0) { $0 + $1.matrix.tileCount }
      let pieces = 8 * Threads.count
      let tilesPerJob = rows < 4 ? min(16, max(1, total / pieces)) : min(tileGroup, max(1, total / pieces))
      var jobs: [Job] = []
      jobs.reserveCapacity((total / tilesPerJob + products.count) * (rows / rowGroup + 1))
      for (index, product) in products.enumerated() {
        for tile in stride(from: 0, to: product.matrix.tileCount, by: tilesPerJob) {
          let tiles = tile..<min(tile + tilesPerJob, product.matrix.tileCount)
          for row in stride(from: 0, to: rows, by: rowGroup) {
            jobs.append(Job(product: index, tiles: tiles, rows: row..<min(row + rowGroup, rows)))
          }
        }
      }
      return jobs
    }
  }

  /// Hands `body` a place for a tile's 16 outputs per row: the output itself, or scratch for a tile that sticks out.
  @inline(__always)
  private func withTarget(
    tile: Int, row: Int, rows: Int, _ body: (UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    let start = tile * PackedMatrix.tileRows
    let width = min(PackedMatrix.tileRows, matrix.rows - start)
    if width == PackedMatrix.tileRows {
      body(output[row] + start, output.stride)
    } else {
      spill(tile: tile, row: row, rows: rows, width: width, body)
    }
  }

  @inline(never)
  private func spill(
    tile: Int, row: Int, rows: Int, width: Int, _ body: (UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: PackedMatrix.tileRows * rows) { buffer in
      guard let scratch = buffer.baseAddress else { return }
      body(scratch, PackedMatrix.tileRows)
      for line in 0..<rows {
        (output[row + line] + tile * PackedMatrix.tileRows).update(
          from: scratch + line * PackedMatrix.tileRows, count: width)
      }
    }
  }

  /// Integer kernel, row by row from the packed form: for few rows, where reading the weights is the cost.
  private func multiplyVectors(_ job: Job, _ input: QuantizedRows) {
    let blocks = input.blockCount
    for tile in job.tiles {
      for row in job.rows {
        let codes = input.codes + row * input.width
        let scales = input.scales + row * blocks
        let sums = input.sums + row * blocks
        let result =
          matrix.format == .nibble
          ? IntegerKernel.nibbleVector(matrix, tile: tile, codes: codes, scales: scales, sums: sums)
          : IntegerKernel.byteVector(matrix, tile: tile, codes: codes, scales: scales, sums: sums)
        withTarget(tile: tile, row: row, rows: 1) { target, _ in
          store8(result.0, target)
          store8(result.1, target + 8)
        }
      }
    }
  }

  /// Integer kernel for many rows: each tile is unpacked once.
  private func multiplyUnpacked(_ job: Job, _ input: QuantizedRows) {
    let blocks = input.blockCount
    withScratch(UInt8.self, count: IntegerKernel.unpackedBytes(matrix)) { scratch in
      for tile in job.tiles {
        IntegerKernel.unpack(matrix, tile: tile, into: scratch)
        var row = job.rows.lowerBound
        while row + 4 <= job.rows.upperBound {
          withTarget(tile: tile, row: row, rows: 4) { target, stride in
            IntegerKernel.unpackedTimesFour(
              scratch, blocks: blocks, codes: input.codes + row * input.width, scales: input.scales + row * blocks,
              sums: input.sums + row * blocks, width: input.width, output: target, outputStride: stride)
          }
          row += 4
        }
        if row < job.rows.upperBound {
          multiplyVectors(
            Job(product: job.product, tiles: tile..<tile + 1, rows: row..<job.rows.upperBound), input)
        }
      }
    }
  }

  /// Integer kernel for many rows and bytes, which need no unpacking.
  private func multiplyBytes(_ job: Job, _ input: QuantizedRows) {
    let blocks = input.blockCount
    for tile in job.tiles {
      var row = job.rows.lowerBound
      while row + 4 <= job.rows.upperBound {
        withTarget(tile: tile, row: row, rows: 4) { target, stride in
          IntegerKernel.bytesTimesFour(
            matrix, tile: tile, codes: input.codes + row * input.width, scales: input.scales + row * blocks,
            sums: input.sums + row * blocks, output: target, outputStride: stride)
        }
        row += 4
      }
      if row < job.rows.upperBound {
        multiplyVectors(Job(product: job.product, tiles: tile..<tile + 1, rows: row..<job.rows.upperBound), input)
      }
    }
  }

  /// Float kernel: tiles are unpacked to floats, then multiplied.
  private func multiplyFloats(_ job: Job, _ input: Rows) {
    let columns = matrix.columns
    let tileFloats = columns * PackedMatrix.tileRows
    withScratch(Float.self, count: job.tiles.count * tileFloats) { scratch in
      for (index, tile) in job.tiles.enumerated() {
        matrix.unpack(panel: 2 * tile, into: scratch + index * tileFloats, stride: 16)
        matrix.unpack(panel: 2 * tile + 1, into: scratch + index * tileFloats + 8, stride: 16)
      }
      var row = job.rows.lowerBound
      while row + 6 <= job.rows.upperBound {
        for (index, tile) in job.tiles.enumerated() {
          withTarget(tile: tile, row: row, rows: 6) { target, stride in
            FloatKernel.tileTimesSix(
              scratch + index * tileFloats, columns: columns, x: input[row], xStride: input.stride, output: target,
              outputStride: stride)
          }
        }
        row += 6
      }
      let fits = job.tiles.upperBound * PackedMatrix.tileRows <= matrix.rows
      while row < job.rows.upperBound {
        if job.tiles.count == 4 && fits {
          FloatKernel.fourTilesTimesOne(
            scratch, tileStride: tileFloats, columns: columns, x: input[row],
            output: output[row] + job.tiles.lowerBound * PackedMatrix.tileRows)
        } else {
          for (index, tile) in job.tiles.enumerated() {
            withTarget(tile: tile, row: row, rows: 1) { target, _ in
              FloatKernel.tileTimesOne(
                scratch + index * tileFloats, columns: columns, x: input[row], output: target)
            }
          }
        }
        row += 1
      }
    }
  }

  /// Float weights, few rows: read in place.
  private func multiplyPanels(_ job: Job, _ input: Rows) {
    for tile in job.tiles {
      let first = UnsafeRawPointer(matrix.panel(2 * tile)).assumingMemoryBound(to: Float.self)
      let second = UnsafeRawPointer(matrix.panel(2 * tile + 1)).assumingMemoryBound(to: Float.self)
      for row in job.rows {
        withTarget(tile: tile, row: row, rows: 1) { target, _ in
          store8(FloatKernel.panelTimesOne(first, columns: matrix.columns, x: input[row]), target)
          store8(FloatKernel.panelTimesOne(second, columns: matrix.columns, x: input[row]), target + 8)
        }
      }
    }
  }
}
