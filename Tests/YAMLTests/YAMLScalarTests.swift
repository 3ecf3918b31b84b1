import Testing
import YAML

@Suite struct YAMLScalarTests {
  @Test func `a plain scalar is what YAML12 says so that no stays no`() {
    for (text, literal) in [
      ("no", nil), ("1.10", "1.1"), ("-7", "-7"), ("1e3", "1000.0"), ("10.0.0.1", nil), ("true", "true"), ("", "null"),
      ("0x10", nil), (".", nil),
    ] as [(String, String?)] {
      #expect(YAMLScalar.literal(text) == literal, "\(text)")
    }
  }
}
