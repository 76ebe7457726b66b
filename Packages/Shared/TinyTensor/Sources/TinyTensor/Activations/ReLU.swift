/// `max(x, 0)`.
public func relu(_ x: Tensor) -> Tensor { x.mapLanes { $0.replacing(with: 0, where: $0 .< 0) } }

/// The gradient of `relu`: `dy` where the output `y` is positive, else 0 (also at 0).
public func reluGradient(_ dy: Tensor, output y: Tensor) -> Tensor {
  dy.zipLanes(y) { Lanes(repeating: 0).replacing(with: $0, where: $1 .> 0) }
}
