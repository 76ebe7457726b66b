import FileKit
import JSONC

/// A data set that cannot be used: which file, what is wrong with it, what was expected, what to do.
public enum DatasetError: Error, CustomStringConvertible, Sendable, Equatable {
  /// A file cannot be read or written.
  case file(FileError)
  /// An image is not a usable PNG file.
  case png(PNGError)
  /// A manifest is not what a manifest should be.
  case manifest(JSONError)
  /// A folder holds none of the known formats.
  case unknownFormat(path: String)
  /// Something that the format needs is absent from a folder.
  case missing(path: String, what: String)
  /// A file is not as long as its format says.
  case wrongSize(file: String, expected: String, found: Int)
  /// A file is not the one that the manifest describes.
  case checksum(file: String, expected: String, found: String)
  /// A label is not the number of a class; `index` counts from 0 within the file.
  case labelOutOfRange(file: String, index: Int, label: Int, classes: Int)
  /// A text that should be a label is not one.
  case malformedLabel(file: String, index: Int, text: String)
  /// There are more or fewer labels than images.
  case labelCount(file: String, expected: Int, found: Int)
  /// Two parts of a data set disagree about the classes.
  case classCount(path: String, expected: Int, found: Int)
  /// An image does not have the size of the others.
  case imageSize(file: String, expected: String, found: String)
  /// Two class folders have names that differ only by case.
  case ambiguousClasses(path: String, first: String, second: String)
  /// A split has no images.
  case emptySplit(path: String, split: String)
  /// A file breaks the rules of its format.
  case malformed(file: String, reason: String)
  /// A file asks for more than the reader allows.
  case tooLarge(file: String, what: String, limit: Int)

  /// One line: where, what is wrong, what was expected, what to do.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .png(let error): error.description
    case .manifest(let error): "\(error.description); mend the manifest"
    case .unknownFormat(let path):
      "\(path): no known data set here; expected manifest.json, digits.png, data_batch_1.bin (CIFAR-10), train.bin (CIFAR-100), "
        + "train-images-idx3-ubyte[.gz], or train/<class>/*.png"
    case .missing(let path, let what): "\(path): \(what) is missing; complete the data set or download it again"
    case .wrongSize(let file, let expected, let found):
      "\(file): \(found) bytes long, expected \(expected); download it again"
    case .checksum(let file, let expected, let found):
      "\(file): SHA-256 is \(found.prefix(16))…, the manifest says \(expected.prefix(16))…; download it again"
    case .labelOutOfRange(let file, let index, let label, let classes):
      "\(file): image \(index) has label \(label), expected 0 to \(classes - 1); mend the labels or the list of classes"
    case .malformedLabel(let file, let index, let text):
      "\(file): label \(index) is \"\(text.prefix(20))\", expected a class number; mend the labels"
    case .labelCount(let file, let expected, let found):
      "\(file): \(found) labels for \(expected) images; mend the labels"
    case .classCount(let path, let expected, let found):
      "\(path): \(found) classes, expected \(expected); every split needs the same classes"
    case .imageSize(let file, let expected, let found):
      "\(file): the image is \(found), expected \(expected); all images need one size"
    case .ambiguousClasses(let path, let first, let second):
      "\(path): the class folders \"\(first)\" and \"\(second)\" differ only by case; rename one or merge them"
    case .emptySplit(let path, let split): "\(path): the \(split) split has no images; add some"
    case .malformed(let file, let reason): "\(file): \(reason); replace the file"
    case .tooLarge(let file, let what, let limit):
      "\(file): \(what), more than the limit of \(limit); split the data set"
    }
  }
}
