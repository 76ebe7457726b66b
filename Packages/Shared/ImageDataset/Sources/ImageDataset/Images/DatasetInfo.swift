/// What the splits of a data set have in common.
struct DatasetInfo: Sendable, Codable, Equatable {
  var name: String
  var classes: [String]
  var width: Int
  var height: Int
  var channels: Int
  var mean: [Float]
  var std: [Float]
  var origin: ImageOrigin
  var license: String
  var source: String

  var bytesPerImage: Int { width * height * channels }
}
