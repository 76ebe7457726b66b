import FileKit
import Testing

@Suite struct CacheDirectoryTests {
  @Test func order() {
    #expect(CacheDirectory.resolve(["HARDWISE_CACHE": "/a", "XDG_CACHE_HOME": "/b"]).path == "/a")
    #expect(CacheDirectory.resolve(["HARDWISE_CACHE": "", "XDG_CACHE_HOME": "/b"]).path == "/b/hardwise")
    #expect(CacheDirectory.resolve(["XDG_CACHE_HOME": "relative"]).path.hasSuffix("/.cache/hardwise"))
    #expect(CacheDirectory.resolve([:]).path.hasSuffix("/.cache/hardwise"))
  }
}
