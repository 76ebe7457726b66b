import Foundation
import LogicFlow
import LogicFlowVerify
import Testing

@Suite struct DataTests {
  private func parse(_ text: String) throws -> SampleTable { try SampleTable(csv: Data(text.utf8), name: "t.csv") }

  @Test func readsRowsAndLineEnds() throws {
    for text in ["a,b,label\n1,2.5,0\n-3, 4e2 ,1\n", "a,b,label\r\n1,2.5,0\r\n-3,400,1\r\n\r\n"] {
      let table = try parse(text)
      #expect(table.features == ["a", "b"] && table.values == [1, 2.5, -3, 400] && table.labels == [0, 1])
    }
  }

  @Test(arguments: [
    ("", "header"), ("a,b\n1,2\n", "label"), ("a,label\n1,0\nx,1\n", "t.csv:3: a is 'x'"),
    ("a,label\n1,0\nnan,1\n", "t.csv:3"), ("a,label\n1,0\n2\n", "t.csv:3: row is '1 columns'"),
    ("a,label\n1,0\n2,-1\n", "label is '-1'"), ("a,label\n1,0\n2,0\n", "two classes"),
    ("a,label\n1,0\n2,2\n", "no row has class 1"), ("a,label\n", "no rows"),
  ])
  func complainsInOneLine(text: String, part: String) {
    do {
      _ = try parse(text)
      Issue.record("accepted \(text)")
    } catch {
      #expect("\(error)".contains(part) && !"\(error)".contains("\n"))
    }
  }

  @Test func scalesOnTrainingRowsAndClips() throws {
    let table = try parse("a,c,label\n0,7,0\n10,7,1\n4,7,0\n")
    let scaler = FeatureScaler(fitting: try table.rows([0, 1]))
    #expect(try scaler.apply(table).features == [0, 0, 255, 0, 102, 0])
    let wide = try parse("a,c,label\n-9,7,0\n99,7,1\n")
    #expect(try scaler.apply(wide).features == [0, 0, 255, 0])
  }

  @Test func splitsAreDisjointAndRepeatable() throws {
    let table = try SyntheticSamples.room(rows: 200)
    let (first, second) = (try SampleSplit(table), try SampleSplit(table))
    #expect(first.train == second.train && first.test == second.test)
    #expect(first.train.count == 160 && first.test.count == 40)
  }
}
