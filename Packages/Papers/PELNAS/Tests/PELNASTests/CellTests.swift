import JSONC
import PELNAS
import Testing

@Suite struct CellTests {
  @Test func everyCellRoundTripsThroughBothNotations() throws {
    for cell in Cell.all {
      let again = try Cell(word: cell.word)
      let arch = try Cell(archString: cell.archString)
      let operations = Cell(cell.operations)
      guard again == cell, arch == cell, operations == cell else {
        Issue.record("cell \(cell.code) does not round trip")
        return
      }
    }
    #expect(Set(Cell.all.map(\.word)).count == Cell.spaceSize)
  }

  @Test func theExampleOfTheTables() throws {
    let cell = try Cell(word: "421211")
    #expect(
      cell.archString
        == "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|")
    #expect(cell.count(.conv1x1) == 2 && cell.count(.skip) == 3 && cell.count(.avgPool3x3) == 1)
    #expect(try JSON.decode([Cell].self, from: JSON.encode([cell])) == [cell])
  }

  @Test func canonicalFormsAreIdempotentAndCountedAsPublished() {
    #expect(Cell.all.allSatisfy { $0.canonical.canonical == $0.canonical })
    #expect(Cell.all.count(where: \.isCanonical) == 9_445)
    #expect(Cell.all.count { !$0.isConnected } == 341)
  }

  /// A cell computes what its paths from input to output compute, so removing dead edges keeps the set of paths.
  @Test func canonicalFormKeepsEveryPath() {
    func paths(_ cell: Cell) -> Set<[Int]> {
      let routes = [[3], [0, 4], [1, 5], [0, 2, 5]]
      return Set(
        routes.filter { $0.allSatisfy { cell[$0] != .none } }.map { $0.flatMap { [$0, Int(cell[$0].rawValue)] } })
    }
    #expect(Cell.all.allSatisfy { paths($0) == paths($0.canonical) })
  }

  @Test func neighboursDifferOnOneEdge() throws {
    let cell = try Cell(word: "012340")
    let neighbours = cell.neighbours()
    #expect(Set(neighbours).count == 24)
    #expect(neighbours.allSatisfy { other in zip(other.operations, cell.operations).count { $0 != $1 } == 1 })
  }

  @Test(arguments: [
    "", "12345", "1234567", "12345a", "012345", "|none~0|", "|none~0|+|none~0|none~1|+|none~0|none~1|none~1|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|max_pool~2|", "|none~0|+|none~0|none~1|none~2|+|none~0|none~1|none~2|",
    "none~0+none~0|none~1+none~0", "||+||+||", "１２３４１２",
  ])
  func brokenTextsAreErrors(_ text: String) {
    #expect(throws: PELNASError.self) { try Cell(text) }
  }

  @Test func codesOutsideTheSpaceAreErrors() {
    #expect(throws: PELNASError.self) { try Cell(code: -1) }
    #expect(throws: PELNASError.self) { try Cell(code: 15_625) }
    #expect(throws: (any Error).self) { try JSON.decode(Cell.self, from: "\"999999\"") }
  }

  @Test func depthCountsComputingEdges() throws {
    #expect(try Cell(word: "303003").depth == 3)
    #expect(try Cell(word: "000100").depth == 0)
    #expect(try Cell(word: "000300").depth == 1)
    #expect(Cell.empty.depth == 0)
  }
}
