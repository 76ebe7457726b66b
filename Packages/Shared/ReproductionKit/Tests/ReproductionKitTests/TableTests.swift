import Foundation
import JSONC
import ReproductionKit
import Testing

@Suite struct TableTests {
  private var table: Table {
    var table = Table(
      title: "Fronts", caption: "two seeds",
      columns: [.text("method"), .number("top-1", unit: "%", decimals: 2), .number("MACs", unit: "M")])
    table.append(["class|aware <b>", 91.048, 29])
    table.append([.text("L1"), .measured(MeasuredValue(90, unit: "%", spread: 0.1)), nil])
    table.append([.verdict(.fails), .number(.nan), .integer(3)])
    return table
  }

  @Test func markdown() {
    #expect(
      table.markdown() == """
        | method | top-1 (%) | MACs (M) |
        | --- | --: | --: |
        | class\\|aware &lt;b> | 91.05 | 29 |
        | L1 | 90.00 ± 0.10 % | – |
        | fails | NaN | 3 |

        """)
  }

  @Test func plainTextAligns() {
    let lines = table.plainText().split(separator: "\n").map(String.init)
    #expect(lines[0] == "Fronts")
    #expect(lines[1] == "two seeds")
    #expect(lines[4] == "class|aware <b>           91.05        29")
    #expect(lines[5] == "L1               90.00 ± 0.10 %         –")
  }

  @Test func plainTextWraps() {
    var wide = Table(title: "", columns: [.text("id"), .text("claim")])
    wide.append(["A", .text(String(repeating: "several words ", count: 20))])
    wide.append(["B", .text(String(repeating: "x", count: 200))])
    let lines = wide.plainText(width: 60).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 60 })
    #expect(lines.count > 8)
  }

  @Test func htmlEscapesAndBadges() {
    let html = table.html()
    #expect(html.contains("class|aware &lt;b&gt;"))
    #expect(!html.contains("<b>"))
    #expect(html.contains("badge fails"))
    #expect(html.contains("<th class=\"trailing\">top-1 (%)</th>"))
  }

  @Test func survivesJSON() throws {
    var table = table
    table.append([.verdict(.notTested(reason: "r")), .number(.infinity), .measured(MeasuredValue(1))])
    let copy = try JSON.decode(Table.self, from: JSON.encode(table))
    #expect(copy.markdown() == table.markdown())
    #expect(copy.columns == table.columns)
  }

  @Test func raggedRowsAreRejected() {
    let text = #"{"title":"t","columns":[{"name":"a","alignment":"leading"}],"rows":[[{},{}]]}"#
    #expect(throws: (any Error).self) { try JSON.decode(Table.self, from: Data(text.utf8)) }
  }
}
