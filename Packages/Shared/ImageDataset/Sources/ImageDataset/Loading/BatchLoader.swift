import TinyTensor

/// The batches of one epoch, prepared by a thread in the background while the caller works on the batch before.
///
/// The order is a Fisher–Yates shuffle from the seed and the epoch, and each image is augmented by the seed, the epoch and
/// its own index: the same batches come out whatever the machine. Leaving the loop early ends the thread.
///
/// ```swift
/// for batch in BatchLoader(splits.train, batchSize: 128, augmentation: .standard, seed: 1, epoch: epoch) {
///   step(batch.images, batch.labels)
/// }
/// ```
public struct BatchLoader: Sequence, Sendable {
  /// The images that are loaded.
  public let images: LabeledImages
  /// The order of this epoch: indices into ``images``.
  public let order: [Int]
  /// How many images a full batch has.
  public let batchSize: Int
  /// Whether a last batch that is not full is left out.
  public let dropLast: Bool

  private let assembler: BatchAssembler
  private let augmentation: Augmentation
  private let seed: UInt64
  private let epoch: Int
  private let prefetch: Int

  /// Creates the batches of one epoch.
  ///
  /// - Parameters:
  ///   - images: Where the images come from.
  ///   - batchSize: How many images a batch has.
  ///   - normalization: By default the statistics of the training split.
  ///   - augmentation: Random changes; none by default.
  ///   - seed: Decides the order and the changes.
  ///   - epoch: Decides them together with the seed.
  ///   - shuffle: Whether the order is random.
  ///   - dropLast: Whether a last batch that is not full is left out.
  ///   - indices: Which images take part, in the order used when not shuffling; all by default.
  ///   - prefetch: How many finished batches may wait; 0 works without a thread.
  public init(
    _ images: LabeledImages, batchSize: Int, normalization: Normalization? = nil, augmentation: Augmentation = .none,
    seed: UInt64 = 0, epoch: Int = 0, shuffle: Bool = true, dropLast: Bool = false, indices: [Int]? = nil,
    prefetch: Int = 2
  ) {
    precondition(batchSize > 0, "a batch needs at least one image")
    precondition(prefetch >= 0, "the number of prefetched batches cannot be negative")
    self.images = images
    self.batchSize = batchSize
    self.dropLast = dropLast
    self.augmentation = augmentation
    self.seed = seed
    self.epoch = epoch
    self.prefetch = prefetch
    assembler = BatchAssembler(images: images, normalization: normalization ?? images.normalization)
    var order = indices ?? Array(images.labels.indices)
    precondition(order.allSatisfy(images.labels.indices.contains), "the order has indices outside 0..<\(images.count)")
    if shuffle {
      var random = Philox(seed: seed, stream: "shuffle/\(epoch)")
      order.fisherYates(using: &random)
    }
    self.order = order
  }

  /// How many batches there are.
  public var count: Int { dropLast ? order.count / batchSize : (order.count + batchSize - 1) / batchSize }
  /// How many batches there are.
  public var underestimatedCount: Int { count }

  /// Starts the epoch.
  public func makeIterator() -> BatchIterator { BatchIterator(self, prefetch: prefetch) }

  /// Prepares batch `number` on the calling thread.
  public func batch(at number: Int) -> Batch {
    precondition((0..<count).contains(number), "batch \(number) of \(count)")
    let indices = Array(order[number * batchSize..<Swift.min((number + 1) * batchSize, order.count)])
    return assembler.batch(indices, isParallel: false) { index in
      Placement(augmentation, seed: seed, epoch: epoch, index: index, width: images.width, height: images.height)
    }
  }
}
