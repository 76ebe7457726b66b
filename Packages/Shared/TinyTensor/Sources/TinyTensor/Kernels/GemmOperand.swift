/// One operand of a matrix product as the blocked algorithm sees it: lines (rows of A, columns of B) of words along the depth.
protocol GemmOperand<Word> {
  associatedtype Word: TileWord

  /// The part that starts at the given line and step of the depth.
  func from(line: Int, step: Int) -> Self
}

/// The operand on the left.
protocol LeftOperand<Word>: GemmOperand {
  /// Packs up to `tileRows` rows of A: `tileRows` words per step of depth, zeros beyond `rows`.
  func packRows(_ rows: Int, tileRows: Int, depth: Int, into target: UnsafeMutablePointer<Word>)
}

/// The operand on the right.
protocol RightOperand<Word>: GemmOperand {
  /// Packs `width` columns of B: `panelWidth` words per step of depth, zeros beyond `width`.
  func packColumns(_ width: Int, panelWidth: Int, depth: Int, into target: UnsafeMutablePointer<Word>)
}

/// An operand whose elements are the words themselves.
struct LineView<Word: TileWord>: LeftOperand, RightOperand {
  let pointer: UnsafePointer<Word>
  let lineStride: Int
  let stepStride: Int

  @inline(__always)
  func at(line: Int, step: Int) -> UnsafePointer<Word> { pointer + line * lineStride + step * stepStride }

  @inline(__always)
  func from(line: Int, step: Int) -> LineView {
    LineView(pointer: at(line: line, step: step), lineStride: lineStride, stepStride: stepStride)
  }

  func packRows(_ rows: Int, tileRows: Int, depth: Int, into target: UnsafeMutablePointer<Word>) {
    GemmPacking.packRows(self, rows: rows, tileRows: tileRows, depth: depth, into: target)
  }

  func packColumns(_ width: Int, panelWidth: Int, depth: Int, into target: UnsafeMutablePointer<Word>) {
    GemmPacking.packColumns(self, depth: depth, width: width, panelWidth: panelWidth, into: target)
  }
}

/// An operand of narrow elements, which become words on their way into a panel: a block at a time, through scratch in L1.
struct NarrowView<Format: NarrowFormat>: LeftOperand, RightOperand {
  typealias Word = Format.Word

  let pointer: UnsafePointer<Format.Element>
  let lineStride: Int
  let elementStride: Int
  /// Elements along the depth from here on; the last word may be incomplete.
  let elements: Int

  @inline(__always)
  func from(line: Int, step: Int) -> NarrowView {
    let skipped = step * Format.elementsPerWord
    return NarrowView(
      pointer: pointer + line * lineStride + skipped * elementStride, lineStride: lineStride,
      elementStride: elementStride, elements: elements - skipped)
  }

  func packRows(_ rows: Int, tileRows: Int, depth: Int, into target: UnsafeMutablePointer<Word>) {
    withWords(lines: rows, steps: depth) {
      GemmPacking.packRows($0, rows: rows, tileRows: tileRows, depth: depth, into: target)
    }
  }

  func packColumns(_ width: Int, panelWidth: Int, depth: Int, into target: UnsafeMutablePointer<Word>) {
    withWords(lines: width, steps: depth) {
      GemmPacking.packColumns($0, depth: depth, width: width, panelWidth: panelWidth, into: target)
    }
  }

  /// Lends a block as words, in the order in which the elements lie in memory.
  @inline(__always)
  private func withWords(lines: Int, steps: Int, _ body: (LineView<Word>) -> Void) {
    let whole = min(steps, elements / Format.elementsPerWord)
    withScratch(Word.self, count: lines * steps) { words in
      if elementStride == 1 {
        for line in 0..<lines {
          let source = pointer + line * lineStride
          let output = words + line * steps
          for step in 0..<whole { output[step] = Format.word(source + step * Format.elementsPerWord, stride: 1) }
          if whole < steps { output[whole] = lastWord(line: line) }
        }
        body(LineView(pointer: words, lineStride: steps, stepStride: 1))
      } else {
        for step in 0..<steps {
          let source = pointer + step * Format.elementsPerWord * elementStride
          let output = words + step * lines
          if step == whole {
            for line in 0..<lines { output[line] = lastWord(line: line) }
          } else if lineStride == 1 {
            for line in 0..<lines { output[line] = Format.word(source + line, stride: elementStride) }
          } else {
            for line in 0..<lines { output[line] = Format.word(source + line * lineStride, stride: elementStride) }
          }
        }
        body(LineView(pointer: words, lineStride: 1, stepStride: lines))
      }
    }
  }

  /// The word of the elements that do not fill one, completed by zeros.
  private func lastWord(line: Int) -> Word {
    withUnsafeTemporaryAllocation(of: Format.Element.self, capacity: Format.elementsPerWord) { rest in
      guard let word = rest.baseAddress else { return 0 }
      let done = elements / Format.elementsPerWord * Format.elementsPerWord
      for index in 0..<Format.elementsPerWord {
        let source = pointer + line * lineStride + (done + index) * elementStride
        word[index] = done + index < elements ? source.pointee : Format.zero
      }
      return Format.word(word, stride: 1)
    }
  }
}
