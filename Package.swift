// swift-tools-version: 6.1
import PackageDescription

// The umbrella manifest: every package of the workspace as one build and one test run, and what a dependent gets from
// `.package(url: …)` + `.product(name: "ClassAwarePruning", package: "hardwise")`.
// The tables below are the whole truth; the packages' own manifests repeat their rows (`make check-packages` compares).

/// A Swift library of the workspace: its sources lie in `Packages/<folder>/Sources/<name>`.
struct Library {
  let name: String
  let folder: String
  let dependencies: [String]
  var resources: [Resource] = []
  var testResources: [Resource] = []
}

/// A C library of the system, found through pkg-config.
struct SystemLibrary {
  let name: String
  let folder: String
  let pkgConfig: String
  let apt: String
  let brew: String
}

let systemLibraries = [
  SystemLibrary(
    name: "CLibcrypto", folder: "Shared/FileKit", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
  SystemLibrary(name: "CJSONC", folder: "Shared/JSONC", pkgConfig: "json-c", apt: "libjson-c-dev", brew: "json-c"),
  SystemLibrary(
    name: "CLAPACKE", folder: "Shared/TinyTensor", pkgConfig: "lapacke", apt: "liblapacke-dev", brew: "lapack"),
  SystemLibrary(name: "CLibPNG", folder: "Shared/ImageDataset", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
  SystemLibrary(name: "CZlib", folder: "Shared/ImageDataset", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
]

/// C targets of our own: compile-time facts and what Swift cannot express.
let shims = [
  Library(name: "TinyTensorShims", folder: "Shared/TinyTensor", dependencies: []),
  Library(name: "PNGShims", folder: "Shared/ImageDataset", dependencies: ["CLibPNG"]),
  Library(name: "LanguageModelShims", folder: "Shared/LanguageModel", dependencies: []),
  Library(name: "BasisSharingShims", folder: "Papers/BasisSharing", dependencies: []),
  Library(name: "PELNASShims", folder: "Papers/PELNAS", dependencies: []),
]

let libraries = [
  // Floor 0
  Library(name: "FileKit", folder: "Shared/FileKit", dependencies: ["CLibcrypto"]),
  Library(name: "JSONC", folder: "Shared/JSONC", dependencies: ["CJSONC"]),
  Library(name: "TinyTensor", folder: "Shared/TinyTensor", dependencies: ["TinyTensorShims", "CLAPACKE"]),
  Library(name: "TinyNN", folder: "Shared/TinyTensor", dependencies: ["TinyTensor", "FileKit", "JSONC"]),
  // Floor 1
  Library(
    name: "ImageDataset", folder: "Shared/ImageDataset",
    dependencies: ["PNGShims", "CZlib", "FileKit", "JSONC", "TinyTensor"], resources: [.copy("Resources")]),
  Library(
    name: "VisionModels", folder: "Shared/VisionModels",
    dependencies: ["FileKit", "ImageDataset", "JSONC", "TinyTensor", "TinyNN"], resources: [.copy("Resources")]),
  Library(
    name: "ReproductionKit", folder: "Shared/ReproductionKit", dependencies: ["FileKit", "JSONC"],
    resources: [.embedInCode("Resources/catalog.json")]),
  Library(
    name: "LanguageModel", folder: "Shared/LanguageModel",
    dependencies: ["LanguageModelShims", "FileKit", "JSONC", "TinyTensor", "TinyNN"],
    resources: [.copy("Resources")], testResources: [.copy("Resources")]),
  Library(name: "ChatEndpoint", folder: "Shared/LanguageModel", dependencies: ["LanguageModel", "JSONC"]),
  // Floor 2: the papers. A paper package never imports another one.
  Library(
    name: "ClassAwarePruning", folder: "Papers/ClassAwarePruning",
    dependencies: ["FileKit", "ImageDataset", "JSONC", "ReproductionKit", "TinyTensor", "TinyNN", "VisionModels"],
    resources: [.copy("Resources")]),
  Library(
    name: "BasisN", folder: "Papers/BasisN",
    dependencies: ["FileKit", "ImageDataset", "JSONC", "ReproductionKit", "TinyTensor", "TinyNN", "VisionModels"],
    resources: [.copy("Resources")]),
  Library(name: "LogicFlowVerify", folder: "Papers/LogicFlow", dependencies: []),
  Library(
    name: "LogicFlow", folder: "Papers/LogicFlow",
    dependencies: ["LogicFlowVerify", "FileKit", "JSONC", "ReproductionKit", "TinyTensor", "TinyNN"],
    resources: [.copy("Resources")]),
  Library(
    name: "PELNAS", folder: "Papers/PELNAS",
    dependencies: [
      "PELNASShims", "FileKit", "ImageDataset", "JSONC", "LanguageModel", "ReproductionKit", "TinyTensor", "TinyNN",
      "VisionModels",
    ],
    resources: [.copy("Resources")]),
  Library(
    name: "BasisSharing", folder: "Papers/BasisSharing",
    dependencies: [
      "BasisSharingShims", "FileKit", "JSONC", "LanguageModel", "ReproductionKit", "TinyTensor", "TinyNN",
    ],
    resources: [.copy("Resources")]),
]

let package = Package(
  name: "hardwise",
  // LogicFlowVerify checks proofs in 128-bit integers of the standard library.
  platforms: [.macOS(.v15)],
  products: libraries.map { .library(name: $0.name, targets: [$0.name]) }
    + [.executable(name: "hardwise", targets: ["hardwise"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0")
  ],
  targets: systemLibraries.map { library in
    .systemLibrary(
      name: library.name, path: "Packages/\(library.folder)/Sources/\(library.name)", pkgConfig: library.pkgConfig,
      providers: [.apt([library.apt]), .brew([library.brew])])
  }
    + (shims + libraries).map { library in
      .target(
        name: library.name, dependencies: library.dependencies.map { .byName(name: $0) },
        path: "Packages/\(library.folder)/Sources/\(library.name)",
        resources: library.resources)
    }
    + libraries.map { library in
      .testTarget(
        name: library.name + "Tests",
        dependencies: ([library.name] + library.dependencies).map { .byName(name: $0) },
        path: "Packages/\(library.folder)/Tests/\(library.name)Tests",
        resources: library.testResources)
    } + [
      .executableTarget(
        name: "hardwise",
        dependencies: libraries.map { .byName(name: $0.name) } + [
          .product(name: "ArgumentParser", package: "swift-argument-parser")
        ],
        path: "Tools/hardwise/Sources/hardwise"),
      .testTarget(
        name: "IntegrationTests",
        dependencies: ["hardwise", "JSONC", "FileKit"],
        path: "Tests/IntegrationTests"),
    ],
  swiftLanguageModes: [.v6]
)
