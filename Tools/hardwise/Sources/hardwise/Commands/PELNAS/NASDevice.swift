import ArgumentParser
import FileKit
import Foundation
import PELNAS

/// `hardwise pelnas device`
struct NASDevice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "Devices to search for.", subcommands: [Add.self, List.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a device file and keep it under its name.",
      discussion: """
        A file is JSON: {"device": "my-fpga", "source": "additive", "latency": {"base": 1.13, "perOp": {"nor_conv_3x3": 1.26}}, \
        "units": {"latency": "ms"}, "countDeadOps": true, "evidence": "model"}; or "source": "measured" with \
        "measurements": {"333132": 3.2, …}, as `pelnas measure` writes it.
        """)

    @Argument(help: "The file.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      let device = try DeviceFile.read(URL(fileURLWithPath: file))
      guard !device.device.isEmpty, device.device.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
      else {
        throw PELNASError.badFile(
          path: file, problem: "field 'device' is '\(device.device)'; use letters, digits, - and _")
      }
      let url = DeviceLibrary.folder.appending(path: "\(device.device).json")
      try device.write(to: url)
      try output.emit(device, text: "added: `hardwise pelnas search --device \(device.device)` (\(url.path))")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All devices by name.")

    @OptionGroup var output: OutputOptions

    func run() throws {
      let tabulated = (Device.main + Device.further).map(\.id)
      let models = HardwareDevice.allCases.map(\.rawValue)
      let added = DeviceLibrary.names()
      try output.emit(
        ["tabulated": tabulated, "models": models, "added": added],
        text: """
          tabulated: \(tabulated.joined(separator: ", "))
          hardware models: \(models.joined(separator: ", "))
          added: \(added.isEmpty ? "none" : added.joined(separator: ", "))
          """)
    }
  }
}
