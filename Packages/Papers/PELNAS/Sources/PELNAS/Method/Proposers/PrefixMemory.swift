import LanguageModel
import Synchronization

/// The cache of the last prompt: the system message and the niche's rule are read once.
final class PrefixMemory: Sendable {
  private let cache = Mutex<KVCache?>(nil)

  /// What is known of the beginning of `tokens`; never all of them, so that something is left to read.
  func take(for tokens: [Int32]) -> KVCache? {
    cache.withLock { cache in
      guard var found = cache else { return nil }
      found.truncate(to: min(found.longestCommonPrefix(with: tokens), tokens.count - 1))
      return found
    }
  }

  func keep(_ new: KVCache) { cache.withLock { $0 = new } }
}
