import Foundation
import ReproductionKit
import Testing

@Suite struct ProvenanceTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }
  private let hash = String(repeating: "0123456789", count: 4)

  @Test func readsBranchPackedAndDetachedHeads() throws {
    try folder.write("ref: refs/heads/main\n", to: "a/.git/HEAD")
    #expect(SourceRevision.find(at: folder.url.appendingPathComponent("a")) == nil)
    try folder.write(hash + "\n", to: "a/.git/refs/heads/main")
    let deep = folder.url.appendingPathComponent("a/b/c")
    #expect(SourceRevision.find(at: deep) == SourceRevision(commit: hash, branch: "main"))

    try folder.write("ref: refs/heads/x/y\n", to: "p/.git/HEAD")
    try folder.write("# pack-refs\n\(hash) refs/heads/x/y\n", to: "p/.git/packed-refs")
    #expect(SourceRevision.find(at: folder.url.appendingPathComponent("p"))?.branch == "x/y")

    try folder.write(hash, to: "d/.git/HEAD")
    #expect(
      SourceRevision.find(at: folder.url.appendingPathComponent("d")) == SourceRevision(commit: hash, branch: nil))

    try folder.write("gitdir: ../a/.git/worktrees/w\n", to: "w/.git")
    try folder.write("ref: refs/heads/main\n", to: "a/.git/worktrees/w/HEAD")
    try folder.write("../..\n", to: "a/.git/worktrees/w/commondir")
    #expect(SourceRevision.find(at: folder.url.appendingPathComponent("w"))?.commit == hash)
  }

  @Test(arguments: ["", "garbage", "ref: ", "ref: refs/heads/none"])
  func damagedHeadsGiveNothing(_ head: String) throws {
    try folder.write(head, to: "r/.git/HEAD")
    #expect(SourceRevision.find(at: folder.url.appendingPathComponent("r")) == nil)
  }

  @Test func hostAndUsage() {
    let host = HostDescription.current
    #expect(!host.processor.isEmpty && !host.system.isEmpty)
    #expect(host.swift.hasPrefix("6."))
    #expect(ResourceUsage.peakMemoryBytes > 1 << 20)
    #expect(ResourceUsage.processorSeconds > 0)
  }
}
