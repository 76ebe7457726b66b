import Foundation
import JSONC
import ReproductionKit
import Testing

@Suite struct ClaimTests {
  @Test(arguments: [
    (Criterion.atMost(2), [2.0], true), (.atMost(2), [2.0001], false), (.atMost(2), [1, 3], false),
    (.atLeast(2), [2], true), (.atLeast(2), [1.9999], false), (.atLeast(2), [5, 2], true),
    (.within(91.73, tolerance: 0.02), [91.74], true), (.within(91.73, tolerance: 0.02), [91.76], false),
    (.exactly(28_561), [28_561], true), (.exactly(28_561), [28_560], false), (.isTrue, [1], true),
    (.isTrue, [0], false),
    (.ordered(.ascending), [1, 1, 2], true), (.ordered(.strictlyAscending), [1, 1, 2], false),
    (.ordered(.descending), [3, 2, 2], true), (.ordered(.strictlyDescending), [3, 2, 2], false),
    (.ordered(.ascending), [1], false),
    (.each([.atLeast(25), .atMost(1)]), [26, 0.5], true), (.each([.atLeast(25), .atMost(1)]), [26, 1.5], false),
    (.each([.atLeast(25)]), [26, 1.5], false), (.reported, [1], false),
  ])
  func criteriaDecide(_ criterion: Criterion, _ values: [Double], _ expected: Bool) {
    #expect(criterion.isSatisfied(by: values) == expected)
  }

  @Test(arguments: [
    Criterion.atMost(.infinity), .atLeast(-.infinity), .within(0, tolerance: .infinity), .exactly(.nan), .isTrue,
    .ordered(.ascending), .ordered(.descending), .each([.atMost(1), .atMost(1)]),
  ])
  func notANumberFails(_ criterion: Criterion) {
    #expect(!criterion.isSatisfied(by: [.nan, 1]))
    #expect(!criterion.isSatisfied(by: [1, .nan]))
    #expect(!criterion.isSatisfied(by: []))
    let claim = Claim(id: "x", statement: "", measured: MeasuredValue(.nan), criterion: criterion)
    #expect(claim.verdict == .fails)
  }

  @Test func verdictsAreComputed() {
    let holds = Claim(id: "a", statement: "s", measured: MeasuredValue(3), criterion: .atLeast(2))
    #expect(holds.verdict == .holds)
    let open = Claim.notTested(id: "b", statement: "s", criterion: .atLeast(2), reason: "full scale only")
    #expect(open.verdict == .notTested(reason: "full scale only"))
    #expect(open.verdict.text == "not tested (full scale only)")
    let reported = Claim(id: "c", statement: "s", measured: MeasuredValue(3), criterion: .reported)
    #expect(reported.verdict.name == "not tested")
    #expect(Claim(id: "d", statement: "s", measured: [], criterion: .isTrue).verdict.name == "not tested")
    #expect(Claim(id: "e", statement: "s", isTrue: true).verdict == .holds)
    #expect(Claim(id: "e", statement: "s", isTrue: false).verdict == .fails)
  }

  @Test func storedVerdictIsIgnored() throws {
    let claim = Claim(id: "a", statement: "s", measured: MeasuredValue(1), criterion: .atLeast(2))
    let text = JSON.serialize(try JSON.parse(JSON.encode(claim)))
    #expect(text.contains("\"fails\""))
    let forged = text.replacingOccurrences(of: "\"fails\"", with: "\"holds\"")
    #expect(try JSON.decode(Claim.self, from: Data(forged.utf8)).verdict == .fails)
  }

  @Test(arguments: [
    Criterion.atMost(2), .atLeast(-0.5), .within(1, tolerance: .infinity), .exactly(3), .isTrue, .reported,
    .ordered(.strictlyDescending), .each([.atMost(1), .each([.isTrue])]),
  ])
  func claimsSurviveJSON(_ criterion: Criterion) throws {
    let claim = Claim(
      id: "F1", statement: "a \"quoted\" | statement", paperValue: "54 %",
      measured: [
        MeasuredValue(1.5, unit: "%", label: "α", spread: 0.25, samples: 3, decimals: 2), MeasuredValue(-.infinity),
      ], criterion: criterion, note: "n")
    #expect(try JSON.decode(Claim.self, from: JSON.encode(claim)) == claim)
  }

  @Test func notANumberSurvivesJSON() throws {
    let value = try JSON.decode(MeasuredValue.self, from: JSON.encode(MeasuredValue(.nan, spread: .infinity)))
    #expect(value.value.isNaN)
    #expect(value.spread == .infinity)
  }

  @Test func texts() {
    #expect(MeasuredValue(91.724, unit: "%", spread: 0.118, samples: 3, decimals: 2).text == "91.72 ± 0.12 % (3 runs)")
    #expect(MeasuredValue(1.5, unit: "×").text == "1.5×")
    #expect(MeasuredValue(0.000_012_34).text == "1.234e-05")
    #expect(MeasuredValue(-0.000_4, decimals: 2).text == "0.00")
    #expect(MeasuredValue(269_722).text == "269722")
    #expect(MeasuredValue(truth: true).text == "yes")
    #expect(MeasuredValue(samples: [1, 2, 3], unit: "s").text == "2 ± 1 s (3 runs)")
    let values = ["class", "L1"].map { MeasuredValue(1, unit: "%", label: $0) }
    #expect(Criterion.ordered(.descending).text(for: values) == "class ≥ L1")
    #expect(Criterion.within(91.73, tolerance: 0.02).text(for: values) == "91.73 ± 0.02 %")
    #expect(Criterion.each([.atLeast(25), .atMost(1)]).text(for: values) == "class ≥ 25 %; L1 ≤ 1 %")
  }
}
