// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "LogicFlow",
  // Certificates are checked in 128-bit integers of the standard library.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "LogicFlow", targets: ["LogicFlow"]),
    .library(name: "LogicFlowVerify", targets: ["LogicFlowVerify"]),
  ],
  dependencies: [
    .package(path: "../../Shared/FileKit"),
    .package(path: "../../Shared/JSONC"),
    .package(path: "../../Shared/ReproductionKit"),
    .package(path: "../../Shared/TinyTensor"),
  ],
  targets: [
    .target(name: "LogicFlowVerify"),
    .target(
      name: "LogicFlow",
      dependencies: [
        "LogicFlowVerify",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ],
      resources: [.copy("Resources")]),
    .testTarget(name: "LogicFlowVerifyTests", dependencies: ["LogicFlowVerify"]),
    .testTarget(
      name: "LogicFlowTests",
      dependencies: [
        "LogicFlow",
        "LogicFlowVerify",
        .product(name: "FileKit", package: "FileKit"),
        .product(name: "JSONC", package: "JSONC"),
        .product(name: "ReproductionKit", package: "ReproductionKit"),
        .product(name: "TinyTensor", package: "TinyTensor"),
        .product(name: "TinyNN", package: "TinyTensor"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
