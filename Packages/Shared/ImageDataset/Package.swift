// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ImageDataset",
  products: [.library(name: "ImageDataset", targets: ["ImageDataset"])],
  dependencies: [
    .package(path: "../FileKit"),
    .package(path: "../JSONC"),
    .package(path: "../TinyTensor"),
  ],
  targets: [
    .systemLibrary(
      name: "CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "PNGShims", dependencies: ["CLibPNG"]),
    .target(
      name: "ImageDataset",
      dependencies: [
        "PNGShims", "CZlib",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "ImageDatasetTests",
      dependencies: [
        "ImageDataset",
        "PNGShims",
        "CZlib",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
