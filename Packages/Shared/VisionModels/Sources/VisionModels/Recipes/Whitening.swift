import ImageDataset
import TinyTensor

/// Patch-whitening weights for a first convolution: the eigenvectors of the patch covariance, scaled to unit variance, and
/// their negatives (airbench, after Page 2019).
public enum Whitening {
  /// Images the covariance is estimated from.
  public static let imageCount = 5000

  /// Sets the weights of a convolution to whiten the normalised training images; its bias becomes zero.
  /// - Parameters:
  ///   - convolution: name of a node with 2·channels·kernel² output channels.
  ///   - epsilon: added to every eigenvalue.
  /// - Throws: ``NetworkError/unsupported(node:detail:)`` if the node is no such convolution.
  public static func apply(
    to network: inout Network, convolution name: String, images: LabeledImages, normalization: Normalization,
    epsilon: Double = 5e-4
  ) throws(NetworkError) {
    guard case .conv2d(let conv)? = network.node(named: name)?.op, conv.groups == 1,
      conv.outputChannels == 2 * conv.inputChannels * conv.kernel * conv.kernel
    else {
      throw .unsupported(
        node: name, detail: "whitening needs a convolution with 2 · channels · kernel² output channels there")
    }
    let batch = images.batch(0..<min(imageCount, images.count), normalization: normalization)
    network.parameters["\(name).weight"] = try filters(
      batch.images, kernel: conv.kernel, epsilon: epsilon, node: name)
    if conv.bias { network.parameters["\(name).bias"] = Tensor(zeros: [conv.outputChannels]) }
  }

  /// Whitening filters of `kernel`×`kernel` patches of `[n, h, w, c]` images: `[2·c·kernel², c, kernel, kernel]`, largest
  /// eigenvalue first, then the negatives. The covariance is taken about zero.
  static func filters(_ images: Tensor, kernel: Int, epsilon: Double, node: String) throws(NetworkError) -> Tensor {
    let size = images.shape[3] * kernel * kernel
    let eigen: (values: [Double], vectors: DoubleMatrix)
    do {
      eigen = try LinearAlgebra.symmetricEigen(PatchMoments.matrix(images, kernel: kernel))
    } catch {
      throw .unsupported(node: node, detail: "the patch covariance has no eigenvectors: \(error)")
    }
    let descending = eigen.values.indices.sorted { (eigen.values[$0], $1) > (eigen.values[$1], $0) }
    var weights: [Float] = []
    for sign in [1.0, -1.0] {
      for column in descending {
        let scale = sign * signConvention(eigen.vectors, column) / (eigen.values[column] + epsilon).squareRoot()
        for row in 0..<size { weights.append(Float(scale * eigen.vectors[row, column])) }
      }
    }
    return Tensor(shape: [2 * size, images.shape[3], kernel, kernel], weights)
  }

  /// Eigenvectors are unique up to sign: the largest component is made positive, so that results do not depend on LAPACK.
  private static func signConvention(_ vectors: DoubleMatrix, _ column: Int) -> Double {
    var largest = 0.0
    for row in 0..<vectors.rows where abs(vectors[row, column]) > abs(largest) { largest = vectors[row, column] }
    return largest < 0 ? -1 : 1
  }
}
