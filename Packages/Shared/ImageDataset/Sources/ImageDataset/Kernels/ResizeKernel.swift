/// Changes the size and the channels of one image.
enum ResizeKernel {
  /// Repeats every grey level three times.
  static func expandGray(_ source: UnsafePointer<UInt8>, count: Int, into target: UnsafeMutablePointer<UInt8>) {
    for index in 0..<count {
      let level = source[index]
      target[3 * index] = level
      target[3 * index + 1] = level
      target[3 * index + 2] = level
    }
  }

  /// The weights of a triangle filter along one axis: what each new pixel takes from which old ones.
  ///
  /// Enlarging interpolates between the two nearest pixel centres; shrinking widens the triangle to the covered area. The
  /// same convention as Pillow's `BILINEAR`.
  struct Axis: Sendable {
    let starts: [Int]
    let counts: [Int]
    let weights: [Float]
    let stride: Int

    init(from old: Int, to new: Int) {
      let scale = Double(old) / Double(new)
      let support = max(scale, 1)
      var starts: [Int] = []
      var rows: [[Float]] = []
      for index in 0..<new {
        let center = (Double(index) + 0.5) * scale
        let first = max(Int((center - support + 0.5).rounded(.down)), 0)
        let last = min(Int((center + support + 0.5).rounded(.down)), old)
        var row = (first..<max(last, first + 1)).map { pixel in
          max(0, 1 - abs((Double(pixel) + 0.5 - center) / support))
        }
        let sum = row.reduce(0, +)
        row = sum > 0 ? row.map { $0 / sum } : [1] + row.dropFirst().map { _ in 0 }
        starts.append(first)
        rows.append(row.map { Float($0) })
      }
      let stride = rows.map(\.count).max() ?? 1
      self.starts = starts
      self.stride = stride
      counts = rows.map(\.count)
      weights = rows.flatMap { $0 + [Float](repeating: 0, count: stride - $0.count) }
    }
  }

  /// A change from `width × height` to `size × size`.
  struct Plan: Sendable {
    let width: Int
    let height: Int
    let channels: Int
    let size: Int
    let horizontal: Axis
    let vertical: Axis

    init(width: Int, height: Int, channels: Int, size: Int) {
      self.width = width
      self.height = height
      self.channels = channels
      self.size = size
      horizontal = Axis(from: width, to: size)
      vertical = Axis(from: height, to: size)
    }

    func interpolate(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) {
      for y in 0..<size {
        for x in 0..<size {
          for channel in 0..<channels {
            var sum: Float = 0
            for row in 0..<vertical.counts[y] {
              let line = source + ((vertical.starts[y] + row) * width + horizontal.starts[x]) * channels + channel
              var lineSum: Float = 0
              for column in 0..<horizontal.counts[x] {
                lineSum += horizontal.weights[x * horizontal.stride + column] * Float(line[column * channels])
              }
              sum += vertical.weights[y * vertical.stride + row] * lineSum
            }
            target[(y * size + x) * channels + channel] = UInt8(min(max(sum.rounded(), 0), 255))
          }
        }
      }
    }

    func center(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) {
      let top = (size - height) / 2
      let left = (size - width) / 2
      for y in 0..<size {
        for x in 0..<size {
          let isInside = (0..<height).contains(y - top) && (0..<width).contains(x - left)
          for channel in 0..<channels {
            target[(y * size + x) * channels + channel] =
              isInside ? source[((y - top) * width + x - left) * channels + channel] : 0
          }
        }
      }
    }
  }
}
