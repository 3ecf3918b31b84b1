import CasusEvents
import Testing

@Suite("A TLP marking")
struct TLPTests {
  private static func read(_ bytes: [UInt8]) -> TLP? { bytes.withUnsafeBufferPointer { TLP($0) } }

  @Test func `is read from its bytes, and from no others`() {
    for marking in TLP.allCases {
      let bytes = Array(marking.rawValue.utf8)
      #expect(Self.read(bytes) == marking)
      for place in bytes.indices {
        var other = bytes
        other[place] ^= 0x20
        #expect(Self.read(other) == nil, "\(other)")
      }
      #expect(Self.read(bytes + [0]) == nil)
      #expect(Self.read([0] + bytes) == nil)
      #expect(Self.read(Array(bytes.dropLast())) == nil)
      #expect(Self.read(Array(bytes.dropFirst())) == nil)
    }
    #expect(Self.read([]) == nil)
    #expect(Self.read([UInt8](repeating: 0x41, count: 4_000)) == nil)
  }
}
