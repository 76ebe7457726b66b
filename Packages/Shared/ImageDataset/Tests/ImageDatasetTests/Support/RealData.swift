import Foundation

/// Real data sets, where they are on the machine: `$HARDWISE_DATA`, or `shared/data` beside the workspace.
enum RealData {
  static let folder: URL? = {
    var candidates: [URL] = []
    if let path = ProcessInfo.processInfo.environment["HARDWISE_DATA"] { candidates.append(URL(fileURLWithPath: path)) }
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      candidates.append(folder.deletingLastPathComponent().appendingPathComponent("shared/data"))
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  static func url(_ name: String) -> URL? {
    guard let url = folder?.appendingPathComponent(name), FileManager.default.fileExists(atPath: url.path) else {
      return nil
    }
    return url
  }

  static let fashionMNIST: URL? = {
    let url = URL(fileURLWithPath: "/usr/share/datasets/fashion-mnist")
    return FileManager.default.fileExists(atPath: url.path) ? url : RealData.url("fashion-mnist")
  }()
}
