import Foundation
import JSONC
import LanguageModel
import TinyNN
import TinyTensor

/// Factors and spectra that were computed already, in memory and optionally in a folder, one file per group.
///
/// Factors of a larger rank serve every smaller one, so one decomposition per group serves every ratio.
public final class FactorStore {
  /// What is known of a group.
  struct Entry {
    var factors: SharedFactors
    var spectrum: GroupSpectrum
  }

  private struct Key: Hashable {
    var site: LinearSite
    var layers: [Int]
  }

  private var entries: [Key: Entry] = [:]
  private var spectra: [Key: GroupSpectrum] = [:]
  private let folder: URL?
  private let identity: String

  /// An empty store.
  ///
  /// - Parameters:
  ///   - folder: Where to keep every group's file, so that an interrupted compression goes on; nil keeps memory only.
  ///   - identity: Names model and calibration; files of others are computed again.
  public init(folder: URL? = nil, identity: String = "") {
    self.folder = folder
    self.identity = identity
  }

  func entry(_ site: LinearSite, _ layers: [Int], rank: Int) -> Entry? {
    let key = Key(site: site, layers: layers)
    if entries[key] == nil { entries[key] = read(site, layers) }
    guard let entry = entries[key], entry.factors.rank >= rank else { return nil }
    return entry
  }

  func spectrum(_ site: LinearSite, _ layers: [Int]) -> GroupSpectrum? {
    let key = Key(site: site, layers: layers)
    return spectra[key] ?? entries[key]?.spectrum
  }

  func insert(_ spectrum: GroupSpectrum, _ site: LinearSite, _ layers: [Int]) {
    spectra[Key(site: site, layers: layers)] = spectrum
  }

  func insert(_ entry: Entry, _ site: LinearSite, _ layers: [Int]) throws {
    entries[Key(site: site, layers: layers)] = entry
    guard let url = url(site, layers) else { return }
    let tensors = [("basis", entry.factors.basis)] + entry.factors.coefficients.enumerated().map { ("\($0)", $1) }
    let spectrum = String(decoding: try JSON.encode(entry.spectrum), as: UTF8.self)
    try SafeTensors.write(tensors, metadata: ["identity": identity, "spectrum": spectrum], to: url)
  }

  private func url(_ site: LinearSite, _ layers: [Int]) -> URL? {
    folder?.appendingPathComponent(
      "\(site.rawValue)-\(layers.map(String.init).joined(separator: "-")).safetensors")
  }

  /// The file of a group, if it is whole and of this model and calibration.
  private func read(_ site: LinearSite, _ layers: [Int]) -> Entry? {
    guard let url = url(site, layers), FileManager.default.fileExists(atPath: url.path),
      let file = try? SafeTensors(mapping: url), file.metadata["identity"] == identity,
      let text = file.metadata["spectrum"],
      let spectrum = try? JSON.decode(GroupSpectrum.self, from: Data(text.utf8)),
      let basis = try? file.tensor("basis"), basis.rank == 2
    else { return nil }
    let coefficients = layers.indices.compactMap { try? file.tensor("\($0)") }
    guard coefficients.count == layers.count,
      coefficients.allSatisfy({ $0.rank == 2 && $0.shape[0] == basis.shape[1] })
    else { return nil }
    return Entry(factors: SharedFactors(basis: basis, coefficients: coefficients), spectrum: spectrum)
  }
}
