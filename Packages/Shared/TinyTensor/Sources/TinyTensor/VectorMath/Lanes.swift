/// Sixteen elements that a lane-wise operation handles at once; see `Tensor.mapLanes`.
public typealias Lanes = SIMD16<Float>
