import LogicFlowVerify

/// What a library kernel does: int8 tables and nested loops, in C99.
public enum LoopKernel {
  /// `int name(const uint8_t *x)`.
  public static func emitC(_ network: IntegerNetwork, name: String = "classify") -> String {
    var tables: [String] = []
    var body: [String] = []
    for (index, layer) in network.layers.enumerated() {
      let (outputs, inputs) = (layer.bias.count, layer.weights[0].count)
      let source = index == 0 ? "x" : "y\(index - 1)"
      tables.append(
        "static const int8_t w\(index)[\(outputs)][\(inputs)] = {"
          + layer.weights.map { "{" + $0.map(String.init).joined(separator: ",") + "}" }.joined(separator: ",\n  ")
          + "};")
      tables.append("static const int32_t b\(index)[\(outputs)] = {\(list(layer.bias))};")
      if let requant = layer.requant {
        tables.append("static const int32_t m\(index)[\(outputs)] = {\(list(requant.multiplier))};")
        tables.append("static const uint8_t s\(index)[\(outputs)] = {\(list(requant.shift))};")
        body += [
          "  int32_t y\(index)[\(outputs)];", "  for (int j = 0; j < \(outputs); j++) {",
          "    int32_t a = b\(index)[j];",
          "    for (int i = 0; i < \(inputs); i++) a += w\(index)[j][i] * \(source)[i];",
          "    int64_t p = a > 0 ? ((int64_t)a * m\(index)[j]) >> s\(index)[j] : 0;",
          "    y\(index)[j] = p > \(requant.upper) ? \(requant.upper) : (int32_t)p;", "  }",
        ]
      } else {
        body += [
          "  int32_t best = 0;", "  int outcome = 0;", "  for (int j = 0; j < \(outputs); j++) {",
          "    int32_t a = b\(index)[j];",
          "    for (int i = 0; i < \(inputs); i++) a += w\(index)[j][i] * \(source)[i];",
          "    if (j == 0 || a > best) {", "      best = a;", "      outcome = j;", "    }", "  }", "  return outcome;",
        ]
      }
    }
    let head = ["#include <stdint.h>", "", "int \(name)(const uint8_t *x);", ""]
    return (head + tables + ["", "int \(name)(const uint8_t *x) {"] + body + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func list(_ values: some Sequence<some BinaryInteger>) -> String {
    values.map { "\($0)" }.joined(separator: ",")
  }
}
