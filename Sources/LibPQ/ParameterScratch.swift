/// The arrays that libpq wants parameters in, kept between queries.
struct ParameterScratch {
  private var types: [UInt32] = []
  private var values: [UnsafePointer<CChar>?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  /// Lends the parameters of a query as libpq wants them.
  mutating func withParameters(
    of query: Query,
    _ body: (
      Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?,
      UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Int32
  ) -> Int32 {
    if query.parameters.isEmpty { return body(0, nil, nil, nil, nil) }
    types.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    formats.removeAll(keepingCapacity: true)
    return query.bytes.withUnsafeBytes { bytes in
      for parameter in query.parameters {
        types.append(parameter.type.oid)
        formats.append(parameter.format.rawValue)
        lengths.append(Int32(clamping: max(parameter.count, 0)))
        values.append(
          parameter.count < 0
            ? nil
            : bytes.baseAddress.map { ($0 + parameter.start).assumingMemoryBound(to: CChar.self) })
      }
      return body(Int32(types.count), types, values, lengths, formats)
    }
  }
}
