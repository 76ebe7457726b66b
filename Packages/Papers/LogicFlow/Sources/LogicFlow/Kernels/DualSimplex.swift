import LogicFlowVerify

/// Maximises `objective · z` over `A z ≤ b`, `l ≤ z ≤ u` with the dual simplex method on a dense dictionary.
///
/// All variables are boxed, so every variable at the bound that its objective coefficient likes is a dual feasible start: no first
/// phase, and the dual objective is a valid upper bound after every pivot. The answer is only a suggestion: multipliers are checked
/// in exact integers by ``CertificateChecker``.
///
/// Row `i` of the dictionary says `x_B(i) = const + Σ_j table[i][j] · x_N(j)`; variables `0..<n` are `z`, the rest are slacks.
struct DualSimplex {
  /// What came out.
  struct Solution {
    /// Upper bound of the objective, without its constant.
    var bound: Double
    /// One multiplier per constraint, zero or more.
    var multipliers: [Double]
    /// The basic solution: optimal if nothing is violated.
    var point: [Double]
  }

  private let rows: Int
  private let columns: Int
  /// Row-major `[rows][stride]`.
  private var table: [Double]
  private let stride: Int
  private var cost: [Double]
  private var basic: [Int]
  private var nonbasic: [Int]
  private var basicValue: [Double]
  private var nonbasicValue: [Double]
  private let lower: [Double]
  private let upper: [Double]
  private var objective: Double

  private static let tolerance = 1e-7

  /// `Σ coefficient · variable ≤ bound`.
  struct Row {
    var terms: [(variable: Int, coefficient: Double)]
    var bound: Double
  }

  /// A problem over the constraints and bounds of `relaxation`; `objective` has one coefficient per variable.
  init(_ relaxation: Relaxation, objective: [Double]) {
    let scale = 0x1p-32
    self.init(
      lower: relaxation.lower.map(Double.init), upper: relaxation.upper.map(Double.init),
      constraints: relaxation.constraints.map { constraint in
        Row(
          terms: constraint.terms.map { ($0.variable, Double($0.coefficient) * scale) },
          bound: Double(constraint.bound) * scale)
      }, objective: objective)
  }

  /// A problem whose variables lie between finite bounds.
  init(lower: [Double], upper: [Double], constraints: [Row], objective coefficients: [Double]) {
    columns = coefficients.count
    rows = constraints.count
    stride = (columns + 7) & ~7
    self.lower = lower + [Double](repeating: 0, count: rows)
    self.upper = upper + [Double](repeating: .infinity, count: rows)
    cost = coefficients + [Double](repeating: 0, count: stride - columns)
    nonbasic = Array(0..<columns)
    basic = Array(columns..<columns + rows)
    nonbasicValue = zip(coefficients, zip(lower, upper)).map { $0 > 0 ? $1.1 : $1.0 }
    objective = zip(coefficients, nonbasicValue).reduce(0) { $0 + $1.0 * $1.1 }
    table = [Double](repeating: 0, count: rows * stride)
    basicValue = []
    basicValue.reserveCapacity(rows)
    for (row, constraint) in constraints.enumerated() {
      var value = constraint.bound
      for term in constraint.terms {
        table[row * stride + term.variable] -= term.coefficient
        value -= term.coefficient * nonbasicValue[term.variable]
      }
      basicValue.append(value)
    }
  }

  /// Pivots until the bound falls below `target`, the problem is seen to be infeasible, or the optimum is found.
  mutating func solve(below target: Double) -> Solution {
    for _ in 0..<20 * (rows + columns) {
      guard objective > target, let row = mostViolated() else { break }
      let bound = basicValue[row] < lower[basic[row]] ? lower[basic[row]] : upper[basic[row]]
      guard let column = entering(row, rising: basicValue[row] < bound) else {
        return infeasible(row, bound, target)
      }
      pivot(row, column, to: bound)
    }
    return Solution(bound: objective, multipliers: multipliers(), point: point())
  }

  private func mostViolated() -> Int? {
    var best: Int?
    var largest = Self.tolerance
    for row in 0..<rows {
      let violation = max(lower[basic[row]] - basicValue[row], basicValue[row] - upper[basic[row]])
      if violation > largest { (largest, best) = (violation, row) }
    }
    return best
  }

  /// The column with the smallest ratio of reduced cost to coefficient, the largest coefficient among equals.
  private func entering(_ row: Int, rising: Bool) -> Int? {
    var best: Int?
    var ratio = Double.infinity
    var size = 0.0
    for column in 0..<columns {
      let variable = nonbasic[column]
      guard lower[variable] < upper[variable] else { continue }
      let coefficient = rising ? table[row * stride + column] : -table[row * stride + column]
      let atLower = nonbasicValue[column] == lower[variable]
      guard atLower ? coefficient > 1e-9 : coefficient < -1e-9 else { continue }
      let candidate = abs(cost[column] / coefficient)
      if candidate < ratio - 1e-12 || (candidate <= ratio + 1e-12 && abs(coefficient) > size) {
        (ratio, best, size) = (candidate, column, abs(coefficient))
      }
    }
    return best
  }

  private mutating func pivot(_ row: Int, _ column: Int, to bound: Double) {
    let (rows, stride, columns) = (rows, stride, columns)
    let step = (bound - basicValue[row]) / table[row * stride + column]
    objective += cost[column] * step
    table.withUnsafeMutableBufferPointer { table in
      cost.withUnsafeMutableBufferPointer { cost in
        basicValue.withUnsafeMutableBufferPointer { values in
          guard let table = table.baseAddress, let cost = cost.baseAddress else { return }
          let pivotRow = table + row * stride
          let inverse = 1 / pivotRow[column]
          for index in 0..<columns { pivotRow[index] *= -inverse }
          pivotRow[column] = inverse
          for other in 0..<rows where other != row {
            let target = table + other * stride
            let factor = target[column]
            guard factor != 0 else { continue }
            values[other] += factor * step
            target[column] = 0
            Self.add(pivotRow, scaledBy: factor, to: target, count: stride)
          }
          let factor = cost[column]
          cost[column] = 0
          Self.add(pivotRow, scaledBy: factor, to: cost, count: stride)
        }
      }
    }
    basicValue[row] = nonbasicValue[column] + step
    nonbasicValue[column] = bound
    swap(&basic[row], &nonbasic[column])
  }

  /// `target += factor · row`, eight at a time; `count` is a multiple of eight.
  @inline(__always)
  private static func add(
    _ row: UnsafePointer<Double>, scaledBy factor: Double, to target: UnsafeMutablePointer<Double>, count: Int
  ) {
    for index in Swift.stride(from: 0, to: count, by: 8) {
      let source = UnsafeRawPointer(row + index).loadUnaligned(as: SIMD8<Double>.self)
      let old = UnsafeRawPointer(target + index).loadUnaligned(as: SIMD8<Double>.self)
      UnsafeMutableRawPointer(target + index).storeBytes(of: old + source * factor, as: SIMD8<Double>.self)
    }
  }

  /// A row that cannot reach its bound: adding enough of it to the objective pushes the bound below any target.
  private mutating func infeasible(_ row: Int, _ bound: Double, _ target: Double) -> Solution {
    let distance = abs(bound - basicValue[row])
    let rising = basicValue[row] < bound
    let weight = (objective - target + 1) / distance
    var result = multipliers()
    for column in 0..<columns where nonbasic[column] >= columns {
      let change = (rising ? 1 : -1) * weight * table[row * stride + column]
      result[nonbasic[column] - columns] = max(0, result[nonbasic[column] - columns] - change)
    }
    if basic[row] >= columns { result[basic[row] - columns] += weight }
    return Solution(bound: target - 1, multipliers: result, point: point())
  }

  private func multipliers() -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    for column in 0..<columns where nonbasic[column] >= columns {
      result[nonbasic[column] - columns] = max(0, -cost[column])
    }
    return result
  }

  private func point() -> [Double] {
    var values = [Double](repeating: 0, count: columns)
    for column in 0..<columns where nonbasic[column] < columns { values[nonbasic[column]] = nonbasicValue[column] }
    for row in 0..<rows where basic[row] < columns { values[basic[row]] = basicValue[row] }
    return values
  }
}
