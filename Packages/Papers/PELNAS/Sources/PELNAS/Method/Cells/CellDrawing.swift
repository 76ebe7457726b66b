/// A cell drawn as a graph of four nodes, in SVG and in characters.
public enum CellDrawing {
  private static let colours = ["#d0d0d0", "#7f7f7f", "#56b4e9", "#d55e00", "#009e73"]

  /// A standalone SVG picture; dead operations are dashed.
  public static func svg(_ cell: Cell, title: String = "") -> String {
    let x = [40, 200, 360, 520]
    let live = cell.canonical
    var body = ""
    for (edge, ends) in Cell.edges.enumerated() where cell[edge] != .none {
      let (from, to) = (x[ends.source], x[ends.target])
      let height = 34 * (ends.target - ends.source - 1) * (ends.source == 0 ? 1 : -1) * (ends.target == 3 ? 2 : 1)
      let middle = (from + to) / 2
      let dash = live[edge] == .none ? " stroke-dasharray=\"5 5\"" : ""
      let colour = colours[Int(cell[edge].rawValue)]
      body +=
        "<path d=\"M \(from) 150 Q \(middle) \(150 - 2 * height) \(to) 150\" fill=\"none\" stroke=\"\(colour)\" "
        + "stroke-width=\"3\"\(dash)/>"
        + "<text x=\"\(middle)\" y=\"\(146 - height)\" text-anchor=\"middle\" fill=\"\(colour)\">\(cell[edge].shortName)</text>"
    }
    for (node, position) in x.enumerated() {
      body +=
        "<circle cx=\"\(position)\" cy=\"150\" r=\"18\" fill=\"#ffffff\" stroke=\"#222222\"/>"
        + "<text x=\"\(position)\" y=\"155\" text-anchor=\"middle\" fill=\"#222222\">\(node == 0 ? "in" : node == 3 ? "out" : "\(node)")</text>"
    }
    return
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 560 300\" font-family=\"sans-serif\" font-size=\"13\">"
      + "<rect width=\"560\" height=\"300\" fill=\"#ffffff\"/><text x=\"16\" y=\"24\">\(cell.word) \(title)</text>\(body)</svg>"
  }

  /// The sums of the nodes, one line each.
  public static func text(_ cell: Cell) -> String {
    let live = cell.canonical
    return (1...3).map { node in
      let terms = Cell.edges.enumerated().filter { $0.element.target == node && cell[$0.offset] != .none }.map {
        edge, ends in
        "\(cell[edge].shortName)(n\(ends.source))" + (live[edge] == .none ? " [dead]" : "")
      }
      return "n\(node) = " + (terms.isEmpty ? "0" : terms.joined(separator: " + "))
    }.joined(separator: "\n")
  }
}
