/// Copies a window of an image, with zeros where it reaches beyond the image.
enum PaddedCopy {
  /// Copies `rows × columns` pixels, starting at `(row, column)` of an image of `height × width` pixels, densely to `target`.
  static func copy(
    _ image: UnsafePointer<Float>, height: Int, width: Int, channels: Int, row: Int, column: Int, rows: Int,
    columns: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let left = min(columns, max(0, -column))
    let inner = max(0, min(width, column + columns) - max(0, column))
    let line = columns * channels
    for index in 0..<rows {
      let output = target + index * line
      let y = row + index
      guard y >= 0 && y < height && inner > 0 else {
        output.update(repeating: 0, count: line)
        continue
      }
      let source = image + (y * width + max(0, column)) * channels
      if left > 0 { output.update(repeating: 0, count: left * channels) }
      (output + left * channels).update(from: source, count: inner * channels)
      let right = columns - left - inner
      if right > 0 { (output + (left + inner) * channels).update(repeating: 0, count: right * channels) }
    }
  }
}
