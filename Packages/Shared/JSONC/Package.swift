// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "JSONC",
  products: [.library(name: "JSONC", targets: ["JSONC"])],
  targets: [
    .systemLibrary(
      name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"]), .brew(["json-c"])]),
    .target(name: "JSONC", dependencies: ["CJSONC"]),
    .testTarget(name: "JSONCTests", dependencies: ["JSONC", "CJSONC"]),
  ],
  swiftLanguageModes: [.v6]
)
