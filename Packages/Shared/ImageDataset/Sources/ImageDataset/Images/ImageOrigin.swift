/// Where the images of a data set come from.
public enum ImageOrigin: String, Sendable, Codable, Hashable {
  /// Recorded from the world.
  case real
  /// Made by a program.
  case synthetic
}
