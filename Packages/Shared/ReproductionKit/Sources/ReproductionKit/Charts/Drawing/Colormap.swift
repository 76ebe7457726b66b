import Foundation

/// Maps 0…1 to colours by interpolation between anchors.
struct Colormap {
  private let anchors: [(red: Double, green: Double, blue: Double)]

  /// Viridis (S. van der Walt, N. Smith): perceptually uniform, readable in grey and with every kind of colour vision.
  static let sequential = Colormap([
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (53, 183, 121),
    (110, 206, 88), (181, 222, 43), (253, 231, 37),
  ])

  /// Blue over white to orange (C. Brewer's PuOr, with Okabe and Ito's blue): no red-green contrast.
  static let diverging = Colormap([
    (5, 72, 123), (33, 121, 181), (103, 169, 207), (176, 211, 232), (243, 243, 243), (252, 211, 168), (241, 163, 90),
    (213, 94, 0), (127, 52, 5),
  ])

  private init(_ anchors: [(red: Double, green: Double, blue: Double)]) {
    self.anchors = anchors
  }

  /// The colour at a position, clamped to 0…1.
  func color(_ position: Double) -> String {
    let (red, green, blue) = components(position)
    return String(format: "#%02X%02X%02X", Int(red.rounded()), Int(green.rounded()), Int(blue.rounded()))
  }

  /// Black or white, whichever is readable on the colour at a position.
  func textColor(_ position: Double) -> String {
    let (red, green, blue) = components(position)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#101418" : "#FFFFFF"
  }

  private func components(_ position: Double) -> (red: Double, green: Double, blue: Double) {
    let scaled = min(max(position.isNaN ? 0 : position, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(scaled), anchors.count - 2)
    let fraction = scaled - Double(index)
    let (a, b) = (anchors[index], anchors[index + 1])
    return (
      a.red + fraction * (b.red - a.red), a.green + fraction * (b.green - a.green),
      a.blue + fraction * (b.blue - a.blue)
    )
  }
}
