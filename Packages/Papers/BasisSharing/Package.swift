// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "BasisSharing",
  products: [.library(name: "BasisSharing", targets: ["BasisSharing"])],
  dependencies: [
    .package(path: "../../Shared/FileKit"),
    .package(path: "../../Shared/JSONC"),
    .package(path: "../../Shared/ReproductionKit"),
    .package(path: "../../Shared/TinyTensor"),
    .package(path: "../../Shared/LanguageModel"),
  ],
  targets: [
    .target(name: "BasisSharingShims"),
    .target(
      name: "BasisSharing",
      dependencies: [
        "BasisSharingShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
        .product(name: "LanguageModel", package: "LanguageModel"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "BasisSharingTests",
      dependencies: [
        "BasisSharing",
        "BasisSharingShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
        .product(name: "LanguageModel", package: "LanguageModel"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
