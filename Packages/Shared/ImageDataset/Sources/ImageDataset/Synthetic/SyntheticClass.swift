/// What the images of one synthetic class have in common.
struct SyntheticClass: Sendable, Hashable {
  /// The outline.
  enum Shape: String, Sendable, CaseIterable {
    case disk, square, triangle, ring, cross
  }

  /// The pattern inside the outline.
  enum Texture: String, Sendable, CaseIterable {
    case striped, dotted, plain, checked
  }

  /// The centre of the range of hues.
  enum Palette: String, Sendable, CaseIterable {
    case warm, green, cool, violet, mixed
  }

  let shape: Shape
  let texture: Texture
  let palette: Palette

  /// Class numbers run through the shapes first, then the textures, then the palettes.
  init(number: Int) {
    let shapes = Shape.allCases
    let textures = Texture.allCases
    let palettes = Palette.allCases
    shape = shapes[number % shapes.count]
    texture = textures[number / shapes.count % textures.count]
    let group = number / (shapes.count * textures.count)
    // In the first group colour is a weak hint, not a name: neighbours in the list get different palettes.
    palette =
      group == 0 ? palettes[(number * 2 + number / shapes.count) % palettes.count] : palettes[group % palettes.count]
    isNamedByPalette = group > 0
  }

  private let isNamedByPalette: Bool

  /// For example `striped disk`; classes beyond the first twenty are also named by their palette.
  var name: String {
    let name = "\(texture.rawValue) \(shape.rawValue)"
    return isNamedByPalette ? "\(palette.rawValue) \(name)" : name
  }

  /// The centre of the hues, from 0 to 1 around the colour circle.
  var hue: Float {
    switch palette {
    case .warm: 0.05
    case .green: 0.3
    case .cool: 0.55
    case .violet: 0.78
    case .mixed: 0.15
    }
  }
}
