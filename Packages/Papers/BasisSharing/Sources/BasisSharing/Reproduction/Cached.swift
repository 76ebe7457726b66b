/// A value that is made when it is first needed, if it is: a resumed run may replay everything that would ask for it.
final class Cached<Value> {
  private let make: () throws -> Value
  private var known: Value?

  init(_ make: @escaping () throws -> Value) { self.make = make }

  func value() throws -> Value {
    if let known { return known }
    let value = try make()
    known = value
    return value
  }
}
