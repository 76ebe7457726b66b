/// Checks and parses class numbers.
enum Labels {
  static func check(_ labels: [Int], classes: Int, file: String) throws(DatasetError) {
    guard let index = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) else { return }
    throw .labelOutOfRange(file: file, index: index, label: labels[index], classes: classes)
  }

  /// One label per character when `text` is a single run of digits, else numbers separated by white space or commas.
  static func parse(_ text: String, count: Int, classes: Int, file: String) throws(DatasetError) -> [Int] {
    let words = text.split { $0.isWhitespace || $0 == "," }
    let isRun = words.count == 1 && count != 1
    let items = isRun ? words[0].map { Substring(String($0)) } : words
    var labels: [Int] = []
    labels.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      guard let label = Int(item) else { throw .malformedLabel(file: file, index: index, text: String(item)) }
      labels.append(label)
    }
    guard labels.count == count else { throw .labelCount(file: file, expected: count, found: labels.count) }
    try check(labels, classes: classes, file: file)
    return labels
  }
}
