import ReproductionKit

extension Findings {
  /// The tables of the report.
  func tables() throws -> [Table] {
    [
      configurations(), map("contest-aware", mainLoads), map("without contest term", twinLoads), try schemes(),
      representations(), physicsTable(), shapesTable(),
    ].compactMap { $0 }
  }

  private func configurations() -> Table {
    var table = Table(
      title: "Configurations",
      caption:
        "Accuracy of exact integers on test images; choices look at the validation split only. Cycles for one image and "
        + "one input step, A = \(TrainingStudy.linesPerCrossbar) lines per crossbar.",
      columns: [
        .text("configuration"), .number("B"), .number("K"), .number("b"), .number("steps"),
        .number("kernel error", decimals: 3), .number("converted", unit: "%", decimals: 2),
        .number("+ statistics", unit: "%", decimals: 2), .number("+ training", unit: "%", decimals: 2),
        .number("images"), .number("cycles"), .number("over bound", decimals: 3), .number("over balanced", decimals: 2),
        .number("set bits", decimals: 1), .number("stored", unit: "kbit", decimals: 0),
      ])
    for run in [main, twin] + ablations + sweep {
      table.append([
        .text(run.name), .integer(run.configuration.basis), .integer(run.configuration.nonzeros),
        .integer(run.configuration.bits), .integer(run.steps), .number(run.codingError), .number(run.converted),
        .number(run.recalibrated), .number(run.trained), .integer(run.images), .integer(run.cycles),
        .number(Double(run.cycles) / Double(max(1, run.lowerBound))),
        .number(Double(run.cycles) / max(1, run.balanced)),
        .number(run.setBits), .number(Double(run.coefficientBits) * 1e-3),
      ])
    }
    return table
  }

  private func map(_ name: String, _ loads: CostStudy.Loads) -> Table? {
    guard let rows = try? costs.map(loads, crossbars: Self.mainCrossbars) else { return nil }
    var table = Table(
      title: "Where “below 1 %” holds: main configuration, \(name), batch 1",
      caption: "Percent of reprogramming; all write models side by side.",
      columns: [
        .text("network"), .text("write model"), .text("inputs"), .number("cycles", unit: "%", decimals: 3),
        .number("if balanced", unit: "%", decimals: 3), .number("energy · delay", unit: "%", decimals: 4),
        .number("reprogramming wins from batch"),
      ])
    for row in rows {
      table.append([
        .text(row.network), .text(row.write), .text(row.dacBits == 1 ? "bit-serial" : "multi-bit"), .number(row.cycles),
        .number(row.balancedCycles), .number(row.energyDelay), row.breakEvenBatch.map { .integer($0) } ?? "never",
      ])
    }
    return table
  }

  private func schemes() throws -> Table {
    var table = Table(
      title: "Schemes, ResNet-20, multi-bit inputs, \(Self.slowWrite), X = \(Self.mainCrossbars)",
      caption: "Skipping unchanged cells: \(text(100 * rewriting.plain.share)) % change in layer order, "
        + "\(text(100 * rewriting.sorted.share)) % with sorted kernels, counted on the weights. Resident needs its own number of "
        + "crossbars. Lifetime at 100 inferences per second.",
      columns: [
        .text("scheme"), .number("crossbars"), .number("read", unit: "kcycles", decimals: 1),
        .number("write", unit: "kcycles", decimals: 1), .number("time", unit: "ms", decimals: 2),
        .number("read", unit: "µJ", decimals: 2), .number("write", unit: "µJ", decimals: 2),
        .number("digital", unit: "µJ", decimals: 2), .number("writes per cell", decimals: 2), .text("lifetime"),
      ])
    let reports = try costs.schemes(
      mainLoads, index: 0, write: Self.slowWrite, crossbars: Self.mainCrossbars, rewriting: rewriting)
    for report in reports {
      let years = report.lifetimeYears(inferencesPerSecond: 100)
      table.append([
        .text(report.scheme), .integer(report.crossbars), .number(report.readCycles * 1e-3),
        .number(report.writeCycles * 1e-3), .number(report.seconds * 1e3), .number(report.readPicojoules * 1e-6),
        .number(report.writePicojoules * 1e-6), .number(report.digitalPicojoules * 1e-6), .number(report.writesPerCell),
        .text(years.isFinite ? "\(text(years * 365.25 * 24)) h" : "not limited by writes"),
      ])
    }
    return table
  }

  private func representations() -> Table {
    var table = Table(
      title: "Representations at equal stored bits, before any fine-tuning",
      caption: "After new batch-norm statistics; test accuracy.",
      columns: [.text("representation"), .number("accuracy", unit: "%", decimals: 2), .number("images")])
    for row in baselines { table.append([.text(row.name), .number(row.accuracy), .integer(row.images)]) }
    return table
  }

  private func physicsTable() -> Table {
    var table = Table(
      title: "The main configuration on simulated crossbars",
      caption: "Repair solves the digital coefficients again on the columns as measured; nothing is written.",
      columns: [
        .text("physics"), .number("accuracy", unit: "%", decimals: 2), .number("repaired", unit: "%", decimals: 2),
        .number("clipped at most", unit: "%", decimals: 3), .number("images"),
      ])
    for row in physics {
      table.append([
        .text(row.name), .number(row.accuracy), row.repaired.map { .number($0) } ?? .missing,
        .number(100 * row.saturation), .integer(row.images),
      ])
    }
    return table
  }

  private func shapesTable() -> Table {
    var table = Table(
      title: "Networks", caption: "Counts on 128 × 128 crossbars (table 4.2 of the specification).",
      columns: [
        .text("network"), .number("layers"), .number("weights"), .number("MACs"), .number("tiles"),
        .number("window slices"), .number("kernel slices"),
      ])
    for shape in costs.shapes {
      table.append([
        .text(shape.name), .integer(shape.layers.count), .integer(shape.weights), .integer(shape.macs),
        .integer(shape.tiles()), .integer(shape.windowSlices()), .integer(shape.kernelSlices()),
      ])
    }
    return table
  }
}
