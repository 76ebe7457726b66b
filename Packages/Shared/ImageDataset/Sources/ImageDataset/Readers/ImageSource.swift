import Foundation

/// Which images to use, as a person names them: `cifar10`, `cifar100`, `fashion-mnist`, `digits`, `synthetic`, or a folder.
///
/// Names of downloadable sets are looked up by the caller (a data catalogue, a fixed folder): this package knows formats,
/// not machines.
public enum ImageSource: Sendable, Hashable, CustomStringConvertible {
  /// A set that the caller locates by its catalogue name.
  case catalog(String)
  /// The real digits that ship with this package.
  case digits
  /// Generated images, for machines without data.
  case synthetic
  /// A folder or manifest in any format that ``DatasetReader/open(_:cache:)`` recognises.
  case folder(URL)

  /// The names that are looked up rather than taken as a path.
  public static let catalogNames = ["cifar10", "cifar100", "fashion-mnist"]

  /// The order in which experiments look for images when nobody names any.
  public static let preferred: [ImageSource] = [.catalog("cifar10"), .catalog("fashion-mnist"), .digits]

  /// Reads what a person typed; anything that is no known name is a path.
  public init(_ text: String) {
    switch text {
    case "digits": self = .digits
    case "synthetic": self = .synthetic
    case let name where Self.catalogNames.contains(name): self = .catalog(name)
    default: self = .folder(URL(fileURLWithPath: text))
    }
  }

  /// The name as typed.
  public var description: String {
    switch self {
    case .catalog(let name): name
    case .digits: "digits"
    case .synthetic: "synthetic"
    case .folder(let url): url.path
    }
  }

  /// Opens the images.
  ///
  /// - Parameter locate: where the set with a catalogue name lies; called for ``catalog(_:)`` only.
  /// - Throws: what `locate` throws; ``DatasetError``.
  public func open(locate: (String) throws -> URL) throws -> DatasetSplits {
    switch self {
    case .catalog(let name): try DatasetReader.open(locate(name))
    case .digits: try DatasetReader.embeddedDigits()
    case .synthetic: SyntheticImages.make()
    case .folder(let url): try DatasetReader.open(url)
    }
  }

  /// Opens the first of `sources` that is on this machine.
  ///
  /// - Parameter locate: where the set with a catalogue name lies; `nil` when it is not here.
  /// - Throws: ``DatasetError`` when a set is here but damaged.
  public static func openFirst(
    of sources: [ImageSource] = preferred, locate: (String) -> URL?
  ) throws -> (source: ImageSource, splits: DatasetSplits) {
    for source in sources {
      switch source {
      case .catalog(let name):
        if let url = locate(name) { return (source, try DatasetReader.open(url)) }
      case .folder(let url): return (source, try DatasetReader.open(url))
      case .digits: return (source, try DatasetReader.embeddedDigits())
      case .synthetic: return (source, SyntheticImages.make())
      }
    }
    return (.digits, try DatasetReader.embeddedDigits())
  }
}
