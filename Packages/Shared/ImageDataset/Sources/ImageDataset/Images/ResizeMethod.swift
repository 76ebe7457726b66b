/// How images are brought to another size.
public enum ResizeMethod: String, Sendable, Codable, Hashable {
  /// Interpolated between pixel centres; when shrinking, averaged over the area that a new pixel covers.
  case bilinear
  /// Centred and framed by black, or cropped to the centre: pixels keep their values.
  case pad
}
