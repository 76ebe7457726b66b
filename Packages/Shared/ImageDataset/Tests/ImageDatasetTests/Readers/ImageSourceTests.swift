import Foundation
import ImageDataset
import Testing

@Suite struct ImageSourceTests {
  @Test func names() {
    #expect(ImageSource("digits") == .digits && ImageSource("synthetic") == .synthetic)
    #expect(ImageSource("cifar10") == .catalog("cifar10"))
    #expect(ImageSource("/some/folder") == .folder(URL(fileURLWithPath: "/some/folder")))
    for name in ["digits", "synthetic", "fashion-mnist", "/some/folder"] {
      #expect(ImageSource(name).description == name)
    }
  }

  @Test func onlyCatalogueNamesAreLocated() throws {
    struct NotHere: Error {}
    #expect(throws: NotHere.self) { try ImageSource("cifar10").open { _ in throw NotHere() } }
    #expect(try ImageSource.digits.open { _ in throw NotHere() }.name == "digits")
    #expect(throws: DatasetError.self) { try ImageSource("/nonexistent").open { _ in throw NotHere() } }
  }

  @Test func theFirstThatIsHere() throws {
    #expect(try ImageSource.openFirst { _ in nil }.source == .digits)
    let folder = TemporaryFolder()
    try folder.write(
      PNG.encode(GrayImage(width: 8, height: 40, pixels: Array(repeating: 16, count: 320))), "digits.png")
    try folder.write("01234", "digits.labels")
    let found = try ImageSource.openFirst { $0 == "fashion-mnist" ? folder.url : nil }
    #expect(found.source == .catalog("fashion-mnist") && found.splits.train.count == 4)
    try folder.remove("digits.png")
  }
}
