import ReproductionKit

/// All results of a run, and what follows from them.
struct Findings {
  let results: [SetResult]
  let workload: Workload
  let scale: Scale

  /// The compiler of comparisons at equal flags: clang when it is here, else the own back end.
  var compiler: String {
    let clang = "clang -O2"
    return results.allSatisfy { $0.mean("plain", clang, "spike") != nil } ? clang : "own"
  }

  /// Mean over networks of cycles of `program` over cycles of `reference`.
  func ratio(
    _ program: String, over reference: String, _ compiler: String, core: String = "spike", _ result: SetResult
  ) -> Double? {
    guard let a = result.mean(program, compiler, core), let b = result.mean(reference, compiler, core), b > 0 else {
      return nil
    }
    return a / b
  }

  /// Results without L1, of one set.
  func main(_ set: String) -> [SetResult] { results.filter { $0.set == set && $0.l1 == 0 } }

  /// Sets in the order of the workload.
  var sets: [String] { Workload.sets.filter { name in results.contains { $0.set == name } } }

  /// What a reader must know.
  func notes() -> [String] {
    var notes = [
      "Programs are chosen by simulated cycles on training rows (ibex-small) and measured on test rows.",
      "Only the headline figure of the paper, 14.9 %, is quoted; its tables could not be confirmed.",
      "Compilers never mix inside one comparison. Equal flags are used on both sides of every gain.",
      "Leaves: the \(workload.leaves) most visited ones are decided with \(workload.budget) nodes each; "
        + "shares of constant leaves are lower bounds where more were visited.",
    ]
    let trees = results.compactMap { result in
      result.mean("decision tree", "clang -O2", "spike").map {
        "\(result.name) \(Int($0.rounded())) cycles at \(percent(result.treeAccuracy)) (network \(percent(result.accuracy)))"
      }
    }
    if !trees.isEmpty {
      notes.append(
        "The honest competitor, a decision tree grown on the data, is far cheaper where it is accurate enough: "
          + trees.joined(separator: ", ") + ".")
    }
    if compiler == "own" { notes.append("No compiler for RV32 was found: the own back end stands in for it.") }
    if results.contains(where: \.isSynthetic) {
      notes.append(
        "SYNTHETIC DATA: the real tables are absent, so no figure here says anything about the paper's data.")
    }
    notes += results.flatMap { result in result.explanations.prefix(2).map { "\(result.name): \($0)" } }
    return notes
  }
}
