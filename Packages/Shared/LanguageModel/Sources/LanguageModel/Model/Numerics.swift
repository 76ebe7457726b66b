/// How a forward pass computes.
public enum Numerics: String, Sendable, Hashable, Codable, CaseIterable {
  /// Activations are 32-bit floats everywhere, weights are multiplied as the file's formula gives them: the reference.
  /// Results do not depend on how a sequence is cut into calls, on batching, or on the number of threads, bit by bit.
  case exact
  /// The inputs of quantised matrices are rounded to 8 bits per block of 32 and multiplied as integers: several times faster,
  /// logits differ in the second decimal. Equally independent of chunking, batching and threads.
  case fast
}
