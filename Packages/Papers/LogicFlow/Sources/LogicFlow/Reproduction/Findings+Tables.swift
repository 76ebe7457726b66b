import ReproductionKit

extension Findings {
  /// The tables of the report.
  func tables() -> [Table] { [networks(), gains(), cores(), sizes(), native()].compactMap { $0 } }

  private func networks() -> Table {
    var table = Table(
      title: "Networks and leaves",
      caption: "n→10→25→C in int8. The tree is grown to the network's accuracy on held-out training rows.",
      columns: [
        .text("network"), .number("MACs"), .number("float", unit: "%", decimals: 2),
        .number("int8", unit: "%", decimals: 2),
        .number("tree", unit: "%", decimals: 2), .number("paths"), .number("decided"),
        .number("constant share", decimals: 3),
        .number("refuted"), .number("undecided"), .number("flows"), .number("covered", decimals: 3), .number("boxes"),
        .number("margins"),
      ])
    for result in results {
      table.append([
        .text(result.name), .integer(result.macs), .number(100 * result.floatAccuracy), .number(100 * result.accuracy),
        .number(100 * result.treeAccuracy), .integer(result.paths), .integer(result.decidedLeaves),
        .number(result.constantShare), .integer(result.refuted), .integer(result.undecided), .integer(result.flows),
        .number(result.coverage), .integer(result.boxes), .integer(result.margins),
      ])
    }
    return table
  }

  /// Mean cycles per compiler on `spike`, and what the tests alone are worth.
  private func gains() -> Table {
    var table = Table(
      title: "Mean cycles per test row, spike model",
      caption:
        "Same compiler and flags within a row. 'flows' is the gain of certified flows over plain; 'tests' is the gain over the "
        + "same order of neurons without tests.",
      columns: [
        .text("network"), .text("compiler"), .number("plain", decimals: 0), .number("loop", decimals: 0),
        .number("zero skip", decimals: 0), .number("flowless best", decimals: 0), .number("no tests", decimals: 0),
        .number("certified flows", decimals: 0), .number("certified best", decimals: 0), .number("tree", decimals: 0),
        .number("flows", unit: "%", decimals: 1), .number("tests", unit: "%", decimals: 1),
      ])
    for result in results {
      for compiler in compilers(result) {
        func cell(_ program: String) -> TableCell { .init(optional: result.mean(program, compiler, "spike")) }
        func gain(_ reference: String) -> TableCell {
          .init(optional: ratio("certified flows", over: reference, compiler, result).map { 100 * (1 - $0) })
        }
        table.append([
          .text(result.name), .text(compiler), cell("plain"), cell("loop"), cell("zero skip"), cell("flowless best"),
          cell("same order, no tests"), cell("certified flows"), cell("certified best"), cell("decision tree"),
          gain("plain"), gain("same order, no tests"),
        ])
      }
    }
    return table
  }

  private func compilers(_ result: SetResult) -> [String] {
    var names: [String] = []
    for row in result.rows where !names.contains(row.compiler) { names.append(row.compiler) }
    return names
  }

  private func cores() -> Table {
    var table = Table(
      title: "Cores: own back end, mean cycles per test row",
      caption: "Worst: the longest path through the program, proved for every input.",
      columns: [
        .text("network"), .text("core"), .number("plain", decimals: 0), .number("flowless best", decimals: 0),
        .number("certified flows", decimals: 0), .number("certified best", decimals: 0), .number("seen at most"),
        .number("worst case"),
      ])
    for result in results where result.l1 == 0 {
      for core in workload.cores {
        func cell(_ program: String) -> TableCell { .init(optional: result.mean(program, "own", core)) }
        let best = result.rows.first { $0.program == "certified best" && $0.compiler == "own" && $0.core == core }
        table.append([
          .text(result.name), .text(core), cell("plain"), cell("flowless best"), cell("certified flows"),
          cell("certified best"), best.map { .integer($0.maximum) } ?? nil,
          best?.worstCase.map { .integer($0) } ?? nil,
        ])
      }
    }
    return table
  }

  private func sizes() -> Table {
    var table = Table(
      title: "Code size and stack, bytes",
      columns: [.text("network"), .text("program"), .text("compiler"), .number("size"), .number("stack")])
    for result in results.prefix(2) {
      for row in result.rows where row.core == "spike" {
        table.append([
          .text(result.name), .text(row.program), .text(row.compiler), .integer(row.size), .integer(row.stack),
        ])
      }
    }
    return table
  }

  private func native() -> Table? {
    guard results.contains(where: { !$0.native.isEmpty }) else { return nil }
    var table = Table(
      title: "This machine, compiled with -O2: nanoseconds per row", caption: "Interleaved, median of 5 rounds.",
      columns: [
        .text("network"), .number("loop", decimals: 1), .number("plain", decimals: 1),
        .number("certified flows", decimals: 1), .number("certified best", decimals: 1),
      ])
    for result in results {
      table.append(
        [.text(result.name)]
          + ["loop", "plain", "certified flows", "certified best"].map { .init(optional: result.native[$0]) })
    }
    return table
  }
}

extension TableCell {
  /// A number, or an empty cell.
  fileprivate init(optional value: Double?) {
    self = value.map { .number($0) } ?? nil
  }
}
