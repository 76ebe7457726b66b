import LanguageModel

/// Leaves whole layers out until the parameter budget is met: the structural baseline.
public enum LayerDropping {
  /// The layers to drop for a ratio: those from the middle backwards, without the last two, whose removal hurts least in the literature on
  /// redundant layers. The choice looks at no text.
  public static func layers(ratio: Double, of count: Int) -> Set<Int> {
    let dropped = min(Int((ratio * Double(count)).rounded(.up)), max(0, count - 3))
    let end = max(dropped, count - 2)
    return Set(end - dropped..<end)
  }
}
