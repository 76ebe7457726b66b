import Foundation

/// A small SVG writer: exactly the shapes that the charts need.
struct SVGImage {
  /// Where a text is anchored.
  enum Anchor: String {
    case start, middle, end
  }

  let width: Double
  let height: Double
  private let background: String
  private var elements: [String] = []

  init(width: Double, height: Double, background: String) {
    self.width = width
    self.height = height
    self.background = background
  }

  /// The complete document. The title is for screen readers.
  func text(title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
    width="\(Self.number(width))" height="\(Self.number(height))" role="img" \
    font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">
    <title>\(TextEscaping.xml(title))</title>
    <rect width="\(Self.number(width))" height="\(Self.number(height))" fill="\(background)"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String, width: Double = 1, dash: String? = nil,
    opacity: Double = 1
  ) {
    elements.append(
      "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\""
        + Self.stroke(color, width, dash) + Self.opacity(opacity) + "/>")
  }

  mutating func rectangle(
    _ rect: Rect, fill: String, opacity: Double = 1, stroke: String? = nil, radius: Double = 0
  ) {
    let outline = stroke.map { Self.stroke($0, 1, nil) } ?? ""
    let rounded = radius > 0 ? " rx=\"\(Self.number(radius))\"" : ""
    elements.append(
      "<rect x=\"\(Self.number(rect.x))\" y=\"\(Self.number(rect.y))\" width=\"\(Self.number(rect.width))\" "
        + "height=\"\(Self.number(rect.height))\" fill=\"\(fill)\"\(rounded)\(outline)" + Self.opacity(opacity) + "/>")
  }

  mutating func polyline(
    _ points: [(x: Double, y: Double)], color: String, width: Double = 2, dash: String? = nil, opacity: Double = 1
  ) {
    guard points.count > 1 else { return }
    elements.append(
      "<polyline points=\"\(Self.list(points))\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\""
        + Self.stroke(color, width, dash) + Self.opacity(opacity) + "/>")
  }

  mutating func polygon(
    _ points: [(x: Double, y: Double)], fill: String, opacity: Double = 1, stroke: String? = nil, width: Double = 1
  ) {
    let outline = stroke.map { " stroke-linejoin=\"round\"" + Self.stroke($0, width, nil) } ?? ""
    elements.append(
      "<polygon points=\"\(Self.list(points))\" fill=\"\(fill)\"\(outline)" + Self.opacity(opacity) + "/>")
  }

  mutating func circle(
    _ x: Double, _ y: Double, radius: Double, fill: String, stroke: String? = nil, width: Double = 1,
    opacity: Double = 1
  ) {
    let outline = stroke.map { Self.stroke($0, width, nil) } ?? ""
    elements.append(
      "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" fill=\"\(fill)\"\(outline)"
        + Self.opacity(opacity) + "/>")
  }

  /// Text whose baseline starts, is centred or ends at a point; `halo` paints an outline behind it, so that it stays readable
  /// over lines.
  mutating func text(
    _ content: String, _ x: Double, _ y: Double, size: Double, color: String, anchor: Anchor = .start,
    bold: Bool = false, rotation: Double = 0, halo: String? = nil
  ) {
    let turn =
      rotation == 0 ? "" : " transform=\"rotate(\(Self.number(rotation)) \(Self.number(x)) \(Self.number(y)))\""
    let outline = halo.map { " stroke=\"\($0)\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"" }
    elements.append(
      "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" fill=\"\(color)\""
        + (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"") + (bold ? " font-weight=\"bold\"" : "")
        + (outline ?? "") + turn + ">\(TextEscaping.xml(content))</text>")
  }

  /// Everything drawn by `body` is cut off at the rectangle.
  mutating func clipped(to rect: Rect, name: String, _ body: (inout SVGImage) -> Void) {
    elements.append(
      "<clipPath id=\"\(name)\"><rect x=\"\(Self.number(rect.x))\" y=\"\(Self.number(rect.y))\" "
        + "width=\"\(Self.number(rect.width))\" height=\"\(Self.number(rect.height))\"/></clipPath>")
    elements.append("<g clip-path=\"url(#\(name))\">")
    body(&self)
    elements.append("</g>")
  }

  /// At most two decimals, without trailing zeros; non-finite numbers, which SVG does not know, become 0.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    return NumberText.trimmed(String(format: "%.2f", value))
  }

  private static func list(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  private static func stroke(_ color: String, _ width: Double, _ dash: String?) -> String {
    " stroke=\"\(color)\" stroke-width=\"\(number(width))\"" + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "")
  }

  private static func opacity(_ value: Double) -> String {
    value < 1 ? " opacity=\"\(number(value))\"" : ""
  }
}

/// An axis-parallel rectangle, y downwards.
struct Rect: Hashable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }

  /// Area shared with another rectangle.
  func overlap(_ other: Rect) -> Double {
    max(0, min(right, other.right) - max(x, other.x)) * max(0, min(bottom, other.bottom) - max(y, other.y))
  }
}
