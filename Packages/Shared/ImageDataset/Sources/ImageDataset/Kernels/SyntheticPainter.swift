import Foundation
import TinyTensor

/// Paints one synthetic image: a textured shape with a soft edge before a wavy background.
struct SyntheticPainter: Sendable {
  let side: Int
  /// From 0 (clean) to 1 (hard).
  let difficulty: Float

  /// The random properties of one image.
  private struct Scene {
    var centerX: Float
    var centerY: Float
    var scale: Float
    var cosine: Float
    var sine: Float
    var foreground: (SIMD3<Float>, SIMD3<Float>)
    var background: (SIMD3<Float>, SIMD3<Float>)
    var wave: SIMD3<Float>
    var frequency: Float
    var phase: Float
    var light: SIMD3<Float>
    var noise: Float
    /// A bar across the image: direction, offset, half width; the width is negative where there is none.
    var bar: SIMD4<Float>
  }

  func paint(_ kind: SyntheticClass, using random: inout Philox, into pixels: UnsafeMutablePointer<UInt8>) {
    let scene = scene(kind, using: &random)
    for y in 0..<side {
      for x in 0..<side {
        let position = SIMD2(Float(x), Float(y)) * (2 / Float(side - 1)) - 1
        var color = color(at: position, kind, scene)
        let light = scene.light.z + scene.light.x * position.x + scene.light.y * position.y
        color *= light
        let draws = random.next4()
        // The sum of two uniform numbers: a triangular distribution, cheap and close enough to a normal one.
        let noise = SIMD3<Float>(triangular(draws.x), triangular(draws.y), triangular(draws.z))
        let levels = (color + noise * scene.noise) * 255
        let target = pixels + (y * side + x) * 3
        for channel in 0..<3 { target[channel] = UInt8(min(max(levels[channel].rounded(), 0), 255)) }
      }
    }
  }

  private func scene(_ kind: SyntheticClass, using random: inout Philox) -> Scene {
    let spread = 0.15 + 0.45 * difficulty
    let angle = symmetric(&random) * Float.pi * (0.1 + 0.9 * difficulty)
    let hue = kind.hue + symmetric(&random) * (0.08 + 0.35 * difficulty)
    let contrast = 1 - 0.45 * difficulty * random.uniform()
    let foreground = hsv(hue, 0.75, 0.9)
    let second = hsv(hue + 0.12 + 0.1 * symmetric(&random), 0.6, 0.35)
    let ground = hsv(random.uniform(), 0.2 + 0.4 * random.uniform(), 0.3 + 0.4 * random.uniform())
    let far = hsv(random.uniform(), 0.4 * random.uniform(), 0.25 + 0.5 * random.uniform())
    let barAngle = random.uniform() * Float.pi
    let hasBar = random.uniform() < 0.6 * difficulty
    return Scene(
      centerX: symmetric(&random) * spread, centerY: symmetric(&random) * spread,
      scale: 0.72 - 0.3 * difficulty * random.uniform(),
      cosine: cos(angle), sine: sin(angle),
      foreground: (ground + (foreground - ground) * contrast, ground + (second - ground) * contrast),
      background: (ground, far),
      wave: SIMD3(symmetric(&random) * 4, symmetric(&random) * 4, random.uniform() * 6.28),
      frequency: 7 + 3 * random.uniform(), phase: random.uniform() * 6.28,
      light: SIMD3(
        symmetric(&random) * 0.35 * difficulty, symmetric(&random) * 0.35 * difficulty,
        1 + symmetric(&random) * 0.35 * difficulty),
      noise: 0.02 + 0.16 * difficulty * random.uniform(),
      bar: SIMD4(cos(barAngle), sin(barAngle), symmetric(&random) * 0.6, hasBar ? 0.06 + 0.1 * random.uniform() : -1))
  }

  private func color(at position: SIMD2<Float>, _ kind: SyntheticClass, _ scene: Scene) -> SIMD3<Float> {
    let wave = 0.5 + 0.5 * sin(scene.wave.x * position.x + scene.wave.y * position.y + scene.wave.z)
    let ground = scene.background.0 + (scene.background.1 - scene.background.0) * wave
    if abs(position.x * scene.bar.x + position.y * scene.bar.y - scene.bar.z) < scene.bar.w {
      return scene.background.1
    }
    let moved = (position - SIMD2(scene.centerX, scene.centerY)) / scene.scale
    let own = SIMD2(
      scene.cosine * moved.x + scene.sine * moved.y, scene.cosine * moved.y - scene.sine * moved.x)
    let distance = distance(own, to: kind.shape) * scene.scale
    // One pixel of soft edge.
    let cover = min(max(0.5 - distance * Float(side) / 2, 0), 1)
    guard cover > 0 else { return ground }
    let tone = tone(at: own, of: kind.texture, scene)
    let paint = scene.foreground.0 + (scene.foreground.1 - scene.foreground.0) * tone
    return ground + (paint - ground) * cover
  }

  /// The signed distance to the outline, negative inside.
  private func distance(_ point: SIMD2<Float>, to shape: SyntheticClass.Shape) -> Float {
    let radius = (point * point).sum().squareRoot()
    let (x, y) = (abs(point.x), abs(point.y))
    switch shape {
    case .disk: return radius - 0.9
    case .square: return max(x, y) - 0.8
    case .triangle: return max(x * 0.866 + point.y * 0.5, -point.y) - 0.55
    case .ring: return abs(radius - 0.68) - 0.27
    case .cross: return min(max(x - 0.95, y - 0.32), max(y - 0.95, x - 0.32))
    }
  }

  /// How much of the second colour shows, from 0 to 1.
  private func tone(at point: SIMD2<Float>, of texture: SyntheticClass.Texture, _ scene: Scene) -> Float {
    let across = sin(scene.frequency * point.x + scene.phase)
    let along = sin(scene.frequency * point.y + scene.phase)
    switch texture {
    case .striped: return step(across)
    case .dotted: return step(across * along * 2 - 0.6)
    case .plain: return 0.25 + 0.2 * point.y
    case .checked: return step(across * along * 3)
    }
  }

  /// 0 below −½, 1 above ½, linear between.
  private func step(_ value: Float) -> Float { min(max(value + 0.5, 0), 1) }

  private func symmetric(_ random: inout Philox) -> Float { random.uniform() * 2 - 1 }

  private func triangular(_ word: UInt32) -> Float {
    Float(Int(word & 0xFFFF) + Int(word >> 16) - 0xFFFF) / 0xFFFF
  }

  private func hsv(_ hue: Float, _ saturation: Float, _ value: Float) -> SIMD3<Float> {
    let turns = hue - hue.rounded(.down)
    var color = SIMD3<Float>()
    let offsets = SIMD3<Float>(1, 2.0 / 3, 1.0 / 3)
    for channel in 0..<3 {
      let shifted: Float = turns + offsets[channel]
      let distance = abs((shifted - shifted.rounded(.down)) * 6 - 3)
      color[channel] = value * (1 - saturation + saturation * min(max(distance - 1, 0), 1))
    }
    return color
  }
}
