import TinyTensor

/// Looks rows of a table up: `table` `[entries, features]`, result `[ids.count, features]`.
///
/// Identifiers that come from outside must be checked by the caller. Rows used more than once add up their gradients in order.
public func embedding(_ table: Variable, _ ids: [Int]) -> Variable {
  precondition(table.value.rank == 2, "embedding needs a table [entries, features], the shape is \(table.shape)")
  let shape = table.shape
  return Variable.result("embedding", table, table.value.gatheredRows(ids)) {
    RowKernel.scatteredSum($0, rows: ids, shape: shape)
  }
}
