import Foundation
import Testing

/// Images written by Pillow 11 (`Image.fromarray(rng.integers(…)).save(…)`, NumPy generator seeded with 7), 5 × 4 pixels each, and
/// what they are as 8-bit RGB: palettes through `convert("RGB")`; alpha as `round(colour · alpha / 255)`; 16 bits as
/// `round(level / 257)`.
struct PillowGolden: Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data
  let pixels: [UInt8]
  var testDescription: String { name }

  init(name: String, file: String, pixels: String) {
    self.name = name
    self.file = Data(base64Encoded: file) ?? Data()
    self.pixels = Array(Data(base64Encoded: pixels) ?? Data())
  }

  static let all = [
    PillowGolden(
      name: "rgb 8 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAIAAADJUWIXAAAAS0lEQVR4nAFAAL//AItK5fGpQQaglWomr7zNrwRaGBQZ6x5Q/zHY\
        AaQZ3sMCwtdMR6OvQx8RCg29JZ2qADKh33CsoekmEVkB3Qbyf5p7HBvk60y/AAAAAElFTkSuQmCC
        """,
      pixels: """
        i0rl8alBBqCVaiavvM2v5WL5CpRfVpPGQidq1astpzlFUTcOmbLXTDQn+kjXMqHfcKyh6SYRWQHdBvJ/
        """),
    PillowGolden(
      name: "grey 8 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAAAAABjWKqcAAAAIUlEQVR4nGPoZ7O5FMcguUzx516mz2oMDvuZhH6XTPwNAGn7CcGe\
        XK7iAAAAAElFTkSuQmCC
        """,
      pixels: """
        j4+PBgYGPDw80tLSXl5eGRkZpqamISEh+fn5vb29DAwMzMzMISEhOTk5fHx8Hh4ex8fHlZWVysrKd3d3
        """),
    PillowGolden(
      name: "grey 1 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAQAAAABuSMjtAAAAEElEQVR4nGPgYPjBoMCwAwAGMAHZ5KkDiQAAAABJRU5ErkJggg==
        """,
      pixels: """
        AAAAAAAAAAAAAAAA////////////////////////AAAAAAAA////AAAAAAAA////AAAA////////////
        """),
    PillowGolden(
      name: "palette 4 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAElBMVEXp7gQDp5vhGFREQTF8kxH4XgRBMSgKAAAAGElEQVR4nGMw\
        ZAxgZJRXYGTiE2AR1OMHAAriATeuPvkoAAAAAElFTkSuQmCC
        """,
      pixels: """
        REExA6eb6e4EA6eb+F4E6e4EA6eb4RhU6e4EfJMR6e4E4RhUA6eb6e4E4RhUA6ebREExfJMRA6eb+F4E
        """),
    PillowGolden(
      name: "palette with tRNS",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAElBMVEXp7gQDp5vhGFREQTF8kxH4XgRBMSgKAAAABHRSTlP/gABA\
        +n86ewAAABhJREFUeJxjMGQMYGSUV2Bk4hNgEdTjBwAK4gE3rj75KAAAAABJRU5ErkJggg==
        """,
      pixels: """
        ERAMAlRO6e4EAlRO+F4E6e4EAlROAAAA6e4EfJMR6e4EAAAAAlRO6e4EAAAAAlROERAMfJMRAlRO+F4E
        """),
    PillowGolden(
      name: "rgba 8 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAYAAABGM/VAAAAAX0lEQVR4nAFUAKv/AZ9+wOG3eJpSzPE3hV4HCKa/H5cfAC+69ABp\
        OheeDQJ+1OWL56nrwoonBO6Js4jsKWqm3iyCWcfn3w1tJE8IAmtj2voxNBKsv3Db4V/83dT3mxh0tnoqDRah61UAAAAASUVORK5C\
        YII=
        """,
      pixels: """
        jG+pETESGadpL1g4HwYYAAAAQSQOCwJpmFyZJB4VDyRZFxoi5GMDnWVSBiogRVVCfo6KkLW8DE4pDlJ9
        """),
    PillowGolden(
      name: "grey with alpha",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAQAAADsOj3LAAAAN0lEQVR4nAEsANP/AHT+xwpos+S9ySsCxHvANwRkCNPNEwKP7QFJ\
        SKEiKuYeAP2BEhvqnO4YEN/AwhN24W7V9gAAAABJRU5ErkJggg==
        """,
      pixels: """
        dHR0CAgISUlJqampIiIiGxsbIiIiCgoKhYWFJCQkUFBQSkpKgoKCCgoKLS0tgICAAgICj4+PFhYWDg4O
        """),
    PillowGolden(
      name: "grey 16 bit",
      file: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEEAAAAAAzyHbfAAAAN0lEQVR4nAEsANP/ABbVr5/NJlx7yDABpKvzogLVLsZUzAAdmg8r\
        BhipANZ0AWM7vfd5+uli0CSxjhPTaB0JlQAAAABJRU5ErkJggg==
        """,
      pixels: """
        FxcXr6+vzMzMXFxcx8fHpKSkl5eXmZmZx8fHHBwcHR0dDw8PBgYGqKio1tbWY2NjICAgmZmZgoKCUlJS
        """),
  ]
}
