import Foundation
import MCAP
import TestSupport
import Testing

private enum ConformanceFiles {
  static let folder = Checkout.sharedData.appending(path: "mcap-conformance")
  static let areThere = FileManager.default.fileExists(atPath: folder.path)
}

/// MCAP's own conformance files: each `.json` says what its `.mcap` holds.
@Suite("MCAP's conformance files", .enabled(if: ConformanceFiles.areThere, "SKIPPED: ../shared/data is not there"))
struct ConformanceTests {
  struct Variant {
    let name: String
    let bytes: [UInt8]
    let records: [[String: Any]]
    let features: Set<String>
  }

  static func variants() throws -> [Variant] {
    let folder = ConformanceFiles.folder
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var variants: [Variant] = []
    for case let json as URL in files where json.pathExtension == "json" {
      let document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any])
      let meta = document["meta"] as? [String: Any]
      let features = (meta?["variant"] as? [String: Any])?["features"] as? [String]
      variants.append(
        Variant(
          name: json.deletingPathExtension().lastPathComponent,
          bytes: [UInt8](try Data(contentsOf: json.deletingPathExtension().appendingPathExtension("mcap"))),
          records: try #require(document["records"] as? [[String: Any]]), features: Set(features ?? [])))
    }
    return variants
  }

  @Test
  func `are read as the records that their descriptions list`() throws {
    let variants = try Self.variants()
    #expect(variants.count > 200)
    for variant in variants {
      let found = try records(of: variant.bytes).compactMap(Description.init)
      let wanted = try variant.records.map(Description.init(json:))
      #expect(found == wanted, "\(variant.name)")
    }
  }

  @Test
  func `are written byte for byte from their descriptions`() throws {
    var written = 0
    for variant in try Self.variants() where !variant.features.contains("pad") {
      #expect(try Self.write(variant) == variant.bytes, "\(variant.name)")
      written += 1
    }
    #expect(written > 100)
  }

  @Test
  func `are refused or cut, and never crash, when they end at any byte`() throws {
    for variant in try Self.variants() where variant.features.count < 4 {
      for length in 0..<variant.bytes.count {
        #expect(throws: MCAPError.self, "\(variant.name) cut at \(length)") {
          try records(of: Array(variant.bytes[..<length]))
        }
      }
    }
  }

  private static func write(_ variant: Variant) throws -> [UInt8] {
    var options = MCAPWriterOptions()
    options.library = ""
    options.compression = .none
    options.chunkBytes = variant.features.contains("ch") ? 1 << 20 : nil
    options.messageIndexes = variant.features.contains("mx")
    options.chunkIndexes = variant.features.contains("chx")
    options.statistics = variant.features.contains("st")
    options.repeatSchemas = variant.features.contains("rsh")
    options.repeatChannels = variant.features.contains("rch")
    options.attachmentIndexes = variant.features.contains("ax")
    options.metadataIndexes = variant.features.contains("mdx")
    options.summaryOffsets = variant.features.contains("sum")
    let file = MemoryFile()
    let writer = try MCAPWriter(file, options: options)
    records: for record in try variant.records.map(Description.init(json:)) {
      switch record.type {
      case "Schema": try writer.add(record.schema)
      case "Channel": try writer.add(record.channel)
      case "Message": try writer.write(record.message)
      case "Metadata": try writer.write(record.metadata)
      case "DataEnd": break records
      default: break
      }
    }
    try writer.finish()
    return file.bytes
  }
}
