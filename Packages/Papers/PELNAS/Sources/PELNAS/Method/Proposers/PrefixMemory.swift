import LanguageModel
import Synchronization

/// The cache of the last system message, which most prompts begin with.
///
/// A prompt is always read as that message and then the rest, whether the message was remembered or not, so that the result does not
/// depend on what was asked before: a resumed search gives the same bits as an uninterrupted one.
final class PrefixMemory: Sendable {
  private let known = Mutex<(tokens: [Int32], cache: KVCache)?>(nil)

  /// The cache of these tokens, remembered or from `read`.
  func cache(of tokens: [Int32], read: () throws -> KVCache) rethrows -> (cache: KVCache, isRemembered: Bool) {
    if let found = known.withLock({ $0 }), found.tokens == tokens { return (found.cache, true) }
    let fresh = try read()
    known.withLock { $0 = (tokens, fresh) }
    return (fresh, false)
  }
}
