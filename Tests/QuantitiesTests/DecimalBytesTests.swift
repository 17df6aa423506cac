import Quantities
import Testing

@Suite("Decimals as bytes")
struct DecimalBytesTests {
  @Test(
    "The bytes are those of the description",
    arguments: [
      "0", "0.00", "5", "-5", "0.05", "-0.050", "10.00", "999999999999999999",
      "1000000000000000000",
      "-1000000000000000000.5", "18446744073709551615", "18446744073709551616",
      "36893488147419103232.000", "170141183460469231731687303715884105727",
      "-170141183460469231731687303715884105728", "1.70141183460469231731687303715884105727",
      "0.00000000000000000000000000000000000000001",
    ])
  func sameAsDescription(text: String) throws {
    let value = try #require(ExactDecimal(text))
    var bytes = Array("x=".utf8)
    value.append(to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "x=" + text)
    #expect(value.description == text)
  }

  @Test("Every scale and length agrees with the description", arguments: 0..<45)
  func allScales(scale: Int) {
    var coefficient: Int128 = 7
    for length in 1...38 {
      let value = ExactDecimal(coefficient: -coefficient, scale: scale)
      var bytes: [UInt8] = []
      value.append(to: &bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == value.description)
      if length < 38 { coefficient = coefficient * 10 + Int128(length % 10) }
    }
  }
}
