import Foundation

/// Reading and writing JSON.
///
/// json-c parses and prints; on top of its strict mode, duplicate keys, unpaired surrogates, `NaN`, and numbers that fit no
/// 64-bit type are refused instead of being silently altered.
public enum JSON {
  /// Parses a UTF-8 document.
  ///
  /// - Throws: ``JSONError`` with line and column.
  public static func parse(_ data: Data, limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in try Parser.parse(bytes, limits: limits) }
    }
    return try result.get()
  }

  /// Parses a document.
  ///
  /// - Throws: ``JSONError`` with line and column.
  public static func parse(_ text: String, limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
    try parse(Data(text.utf8), limits: limits)
  }

  /// Parses the document in the file at `url`.
  ///
  /// - Throws: ``JSONError`` naming the file, also when it cannot be read.
  public static func parse(contentsOf url: URL, limits: JSONLimits = .init()) throws(JSONError) -> JSONValue {
    let data = try contents(of: url, limits: limits)
    do throws(JSONError) {
      return try parse(data, limits: limits)
    } catch {
      throw JSONError(error.reason, at: error.location, file: url.path)
    }
  }

  /// The text of a value.
  ///
  /// JSON has no NaN and no infinities: like a value nested deeper than 4096 levels, a non-finite ``JSONValue/number(_:)`` is a
  /// programmer's error here. ``encode(_:style:)`` reports both as errors.
  public static func serialize(_ value: JSONValue, style: JSONStyle = .compact) -> String {
    do throws(JSONError) {
      return try Printer.print(value, style: style)
    } catch {
      preconditionFailure("JSON.serialize: \(error)")
    }
  }

  /// Parses a UTF-8 document and decodes `type` from it.
  ///
  /// Data are expected as base64, URLs as strings, dates in ISO 8601.
  ///
  /// - Throws: ``JSONError`` with line and column, or with the path of the member that does not fit; errors of other types
  ///   that `type`'s own `init(from:)` throws pass through unchanged.
  public static func decode<T: Decodable>(_ type: T.Type, from data: Data, limits: JSONLimits = .init()) throws -> T {
    try decode(type, from: parse(data, limits: limits))
  }

  /// Decodes `type` from a document in memory.
  public static func decode<T: Decodable>(_ type: T.Type, from text: String, limits: JSONLimits = .init()) throws -> T {
    try decode(type, from: parse(text, limits: limits))
  }

  /// Decodes `type` from a value that was parsed or built before.
  public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
    do {
      return try ValueDecoder(value: value, codingPath: []).unbox(as: type)
    } catch let error as DecodingError {
      throw JSONError(error)
    }
  }

  /// Reads the file at `url` and decodes `type` from it.
  ///
  /// - Throws: ``JSONError`` naming the file, as ``decode(_:from:limits:)-(_,Data,_)`` does.
  public static func read<T: Decodable>(_ type: T.Type, from url: URL, limits: JSONLimits = .init()) throws -> T {
    let value = try parse(contentsOf: url, limits: limits)
    do {
      return try decode(type, from: value)
    } catch let error as JSONError {
      throw JSONError(error.reason, at: error.location, file: url.path)
    }
  }

  /// The UTF-8 document of a value, members in the order in which they are encoded (for synthesised conformances: the order
  /// of declaration).
  ///
  /// Data become base64, URLs strings, dates ISO 8601.
  ///
  /// - Throws: ``JSONError`` with the path of a member that JSON cannot express (NaN, infinity, integers beyond 64 bits).
  public static func encode<T: Encodable>(_ value: T, style: JSONStyle = .compact) throws -> Data {
    Data(try Printer.print(encodeToValue(value), style: style).utf8)
  }

  /// The ``JSONValue`` of a value; what ``encode(_:style:)`` prints.
  public static func encodeToValue<T: Encodable>(_ value: T) throws -> JSONValue {
    do {
      return try ValueEncoder(codingPath: []).box(value)
    } catch let error as EncodingError {
      throw JSONError(error)
    }
  }

  private static func contents(of url: URL, limits: JSONLimits) throws(JSONError) -> Data {
    func failure(_ reason: String) -> JSONError { JSONError(reason, at: .path(""), file: url.path) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
    guard let attributes else { throw failure("cannot find this file; check the path") }
    guard attributes[.type] as? FileAttributeType == .typeRegular else { throw failure("is not a regular file") }
    let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
    guard size <= limits.effectiveBytes else {
      throw failure("is \(size) bytes long, more than the limit of \(limits.effectiveBytes)")
    }
    do {
      return try Data(contentsOf: url)
    } catch {
      throw failure("cannot be read (\(error.localizedDescription))")
    }
  }
}
