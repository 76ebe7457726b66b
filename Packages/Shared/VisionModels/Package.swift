// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "VisionModels",
  products: [.library(name: "VisionModels", targets: ["VisionModels"])],
  dependencies: [
    .package(path: "../FileKit"),
    .package(path: "../ImageDataset"),
    .package(path: "../JSONC"),
    .package(path: "../TinyTensor"),
  ],
  targets: [
    .target(
      name: "VisionModels",
      dependencies: [
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "ImageDataset", package: "ImageDataset"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "VisionModelsTests",
      dependencies: [
        "VisionModels",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "ImageDataset", package: "ImageDataset"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
