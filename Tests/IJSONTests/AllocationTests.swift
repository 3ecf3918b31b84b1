import CAllocations
import IJSON
import Testing

@Suite("A parser in steady state")
struct AllocationTests {
  @Test(.enabled(if: callocations_work() != 0, "a sanitizer has its own allocator"))
  func `allocates nothing`() throws {
    let small = Array(#"{"id":"1","source":"//jp.nisc/a-1","data":{"n":[1,2.5,0.0,true,null],"s":"a\n😀"}}"#.utf8)
    let many = Array(("{" + (0..<100).map { "\"name\($0)\":\($0)" }.joined(separator: ",") + "}").utf8)
    let parser = JSONParser()
    func allocations(_ bytes: [UInt8]) throws -> UInt64 {
      try bytes.withUnsafeBytes { buffer in
        var sum: Int64 = 0
        _ = try parser.parse(buffer)
        let before = callocations_count()
        for _ in 0..<100 {
          let value = try parser.parse(buffer)
          if let member = value["name7"], let number = member.int64 { sum += number }
          for member in value.members { sum += Int64(member.name.count) }
        }
        let after = callocations_count()
        #expect(sum > 0)
        return after - before
      }
    }
    let counts = [try allocations(small), try allocations(many)]
    #expect(counts == [0, 0])
  }
}
