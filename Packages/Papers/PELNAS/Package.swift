// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "PELNAS",
  products: [.library(name: "PELNAS", targets: ["PELNAS"])],
  dependencies: [
    .package(path: "../../Shared/FileKit"),
    .package(path: "../../Shared/ImageDataset"),
    .package(path: "../../Shared/JSONC"),
    .package(path: "../../Shared/LanguageModel"),
    .package(path: "../../Shared/ReproductionKit"),
    .package(path: "../../Shared/TinyTensor"),
    .package(path: "../../Shared/VisionModels"),
  ],
  targets: [
    .target(name: "PELNASShims"),
    .target(
      name: "PELNAS",
      dependencies: [
        "PELNASShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "ImageDataset", package: "ImageDataset"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "LanguageModel", package: "LanguageModel"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
        .product(name: "VisionModels", package: "VisionModels"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "PELNASTests",
      dependencies: [
        "PELNAS",
        "PELNASShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "ImageDataset", package: "ImageDataset"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "LanguageModel", package: "LanguageModel"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
        .product(name: "VisionModels", package: "VisionModels"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
