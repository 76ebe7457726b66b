// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ReproductionKit",
  products: [.library(name: "ReproductionKit", targets: ["ReproductionKit"])],
  dependencies: [
    .package(path: "../FileKit"),
    .package(path: "../JSONC"),
  ],
  targets: [
    .target(
      name: "ReproductionKit",
      dependencies: [
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
      ],
      // Embedded as code, so that a program keeps its catalogue wherever the binary is moved.
      resources: [.embedInCode("Resources/catalog.json")]),
    .testTarget(
      name: "ReproductionKitTests",
      dependencies: [
        "ReproductionKit",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
