// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "FileKit",
  products: [.library(name: "FileKit", targets: ["FileKit"])],
  targets: [
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .target(name: "FileKit", dependencies: ["CLibcrypto"]),
    .testTarget(name: "FileKitTests", dependencies: ["FileKit", "CLibcrypto"]),
  ],
  swiftLanguageModes: [.v6]
)
