/// Fronts of plain numbers.
public enum TradeOff {
  /// Indices of the nondominated points by cost ↑, gain ↓, index ↑; strictly better gains only, points with NaN left out.
  public static func front(cost: [Double], gain: [Double]) -> [Int] { FrontKernel.front(cost: cost, gain: gain) }
}
