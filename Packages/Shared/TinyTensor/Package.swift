// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "TinyTensor",
  products: [
    .library(name: "TinyTensor", targets: ["TinyTensor"]),
    .library(name: "TinyNN", targets: ["TinyNN"]),
  ],
  dependencies: [
    .package(path: "../FileKit"),
    .package(path: "../JSONC"),
  ],
  targets: [
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .target(name: "TinyTensorShims"),
    .target(name: "TinyTensor", dependencies: ["TinyTensorShims", "CLAPACKE"]),
    .target(
      name: "TinyNN",
      dependencies: [
        "TinyTensor",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
      ]),
    .testTarget(
      name: "TinyTensorTests",
      dependencies: [
        "TinyTensor",
        "TinyTensorShims",
        "CLAPACKE",
      ]),
    .testTarget(
      name: "TinyNNTests",
      dependencies: [
        "TinyNN",
        "TinyTensor",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
