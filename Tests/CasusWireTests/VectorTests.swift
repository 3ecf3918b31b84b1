import Foundation
import Testing

/// `CASUS_WRITE_VECTORS=1 swift test --filter SharedVectors` writes the files anew; without it they have to be what the types
/// say, so that a change of the protocol cannot leave them behind.
@Suite struct SharedVectors {
  @Test(arguments: VectorFile.all)
  func `a file is what the types say`(file: VectorFile) throws {
    if ProcessInfo.processInfo.environment["CASUS_WRITE_VECTORS"] != nil {
      try file.text.write(toFile: file.path, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(written == file.text, "write Tests/Vectors anew: CASUS_WRITE_VECTORS=1 swift test --filter SharedVectors")
  }

  @Test func `each batch is taken or refused as it says`() {
    for batch in SampleBatch.all {
      #expect(batch.isWhole == (batch.fault == nil), "\(batch.op) of \(batch.count): \(batch.fault ?? "in order")")
    }
  }
}
