// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "LanguageModel",
  products: [
    .library(name: "LanguageModel", targets: ["LanguageModel"]),
    .library(name: "ChatEndpoint", targets: ["ChatEndpoint"]),
  ],
  dependencies: [
    .package(path: "../FileKit"),
    .package(path: "../JSONC"),
    .package(path: "../TinyTensor"),
  ],
  targets: [
    .target(name: "LanguageModelShims"),
    .target(
      name: "LanguageModel",
      dependencies: [
        "LanguageModelShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ],
      resources: [.copy("Resources")]),
    .target(name: "ChatEndpoint", dependencies: ["LanguageModel", .product(name: "JSONC", package: "JSONC")]),
    .testTarget(
      name: "LanguageModelTests",
      dependencies: [
        "LanguageModel",
        "LanguageModelShims",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "ChatEndpointTests",
      dependencies: ["ChatEndpoint", "LanguageModel", .product(name: "JSONC", package: "JSONC")]),
  ],
  swiftLanguageModes: [.v6]
)
