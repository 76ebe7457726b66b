import CLibcrypto
import Foundation

/// An SHA-256 checksum, computed piece by piece through libcrypto (which uses the processor's SHA instructions).
///
/// A value type: copying it forks the computation.
public struct SHA256: Sendable {
  private var context = DigestContext()

  /// Starts a checksum over nothing.
  public init() {}

  /// Adds the bytes behind `bytes`.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&context) { context = DigestContext(copying: context) }
    context.update(bytes)
  }

  /// Adds the bytes of `data`.
  public mutating func update(_ data: Data) {
    data.withUnsafeBytes { update($0) }
  }

  /// The checksum of everything added so far, as 64 lower-case hexadecimal digits. More bytes may be added afterwards.
  public func hexDigest() -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = DigestContext(copying: context).finish().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The checksum of `data`, as 64 lower-case hexadecimal digits.
  public static func hexDigest(of data: Data) -> String {
    var hash = SHA256()
    hash.update(data)
    return hash.hexDigest()
  }

  /// The checksum of the file at `url`, as 64 lower-case hexadecimal digits.
  public static func hexDigest(ofFile url: URL) throws(FileError) -> String {
    let file = try MappedFile(url)
    var hash = SHA256()
    file.withUnsafeBytes { hash.update($0) }
    return hash.hexDigest()
  }
}

/// Owns one `EVP_MD_CTX`. Mutated only by ``SHA256`` while uniquely referenced, hence safe to send.
private final class DigestContext: @unchecked Sendable {
  private let handle: OpaquePointer

  init() {
    handle = Self.makeHandle()
    precondition(
      EVP_DigestInit_ex(handle, EVP_sha256(), nil) == 1, "libcrypto refuses SHA-256 (a restricted provider?)")
  }

  init(copying other: DigestContext) {
    handle = Self.makeHandle()
    precondition(EVP_MD_CTX_copy_ex(handle, other.handle) == 1, "libcrypto cannot copy a digest")
  }

  deinit { EVP_MD_CTX_free(handle) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    EVP_DigestUpdate(handle, base, bytes.count)
  }

  func finish() -> [UInt8] {
    var length: UInt32 = 0
    var bytes = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(handle, &bytes, &length)
    return bytes
  }

  private static func makeHandle() -> OpaquePointer {
    guard let handle = EVP_MD_CTX_new() else { preconditionFailure("out of memory for a digest") }
    return handle
  }
}
