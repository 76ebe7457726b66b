import Foundation
import Testing

/// The house's rules about who may know whom.
@Suite("Package independence")
struct PackageIndependenceTests {
  @Test("both manifests of every package agree")
  func manifestsAgree() throws {
    let umbrella = try Manifest.read(in: Workspace.root)
    let packages = try Workspace.packages()
    #expect(packages.count >= 7)
    var seen: Set<String> = []
    for package in packages {
      let own = try Manifest.read(in: package)
      for target in own.targets {
        seen.insert(target.name)
        let row = try #require(
          umbrella.targets.first { $0.name == target.name },
          "\(target.name) of \(package.lastPathComponent) has no row in the umbrella's table")
        #expect(row.type == target.type, "\(target.name)")
        #expect(row.pkgConfig == target.pkgConfig, "\(target.name)")
        #expect(
          row.dependencies.map(\.name).sorted() == target.dependencies.map(\.name).sorted(),
          "dependencies of \(target.name)")
      }
    }
    let unknown = umbrella.targets.map(\.name).filter { !seen.contains($0) }
    #expect(Set(unknown) == ["hardwise", "IntegrationTests"], "rows without a package")
  }

  @Test("no paper package imports another, and nothing below the tool imports a paper")
  func floors() throws {
    let papers = try Workspace.packages().filter { $0.path.contains("/Papers/") }.map(\.lastPathComponent)
    for package in try Workspace.packages() {
      for file in Workspace.sources(below: package.appendingPathComponent("Sources")) {
        for module in try imports(of: file) where papers.contains(module) {
          #expect(module == package.lastPathComponent, "\(file.lastPathComponent) imports \(module)")
        }
      }
    }
  }

  @Test("sources import only what their target declares")
  func declaredImports() throws {
    let umbrella = try Manifest.read(in: Workspace.root)
    let ours = Set(umbrella.targets.map(\.name))
    for package in try Workspace.packages() {
      for target in umbrella.targets where target.type == "regular" {
        let folder = package.appendingPathComponent("Sources/\(target.name)")
        for file in Workspace.sources(below: folder) {
          let undeclared = try imports(of: file).filter { ours.contains($0) }
            .filter { module in !target.dependencies.contains { $0.name == module } }
          #expect(undeclared == [], "\(file.lastPathComponent) of \(target.name)")
        }
      }
    }
  }

  private func imports(of file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index < words.count - 1 else { return nil }
      guard words[..<index].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" }) else { return nil }
      return String(words[words.count - 1].split(separator: ".")[0])
    }
  }
}
