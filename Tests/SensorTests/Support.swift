import CasusEvents
import CasusSensor
import Foundation
import IJSON
import JSONSchema
import TestSupport
import Testing

@testable import SuricataSensor

/// Where the project has what these tests read.
enum Place {
  static let exercise = Checkout.root.appending(path: "deploy/exercise")
  static let mapping = Checkout.root.appending(path: "Plugins/SuricataSensor/mapping.yaml")
  static func text(_ url: URL) throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
}

extension TemporaryFolder {
  func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file(name))) }

  func append(_ name: String, _ bytes: some Sequence<UInt8>) throws {
    if !FileManager.default.fileExists(atPath: file(name)) { try write(name, "") }
    let handle = try FileHandle(forWritingTo: URL(filePath: file(name)))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  func rename(_ from: String, _ to: String) throws {
    guard Foundation.rename(file(from), file(to)) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  func truncate(_ name: String) throws {
    guard Foundation.truncate(file(name), 0) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}

/// The contracts, as the broker holds them.
struct Contract {
  let schema: CompiledSchema

  init(_ type: EventType) throws {
    let bytes = try #require(EventSchemas.all.first { $0.type == type.rawValue }?.bytes)
    schema = try CompiledSchema.compile(bytes, documents: EventSchemas.shared)
  }

  /// Why a draft breaks its schema; nil when it keeps it.
  func fault(_ draft: Draft) throws -> String? {
    let bytes = try draft.encoded(source: "//jp.exercise/sensor-1")
    return try bytes.withUnsafeBytes { buffer in
      let parser = JSONParser()
      return schema.validate(try parser.parse(buffer)).map { "\($0.instancePointer): \($0.message)" }
    }
  }
}

extension Mapping {
  private static let read = Result { try Mapping(yaml: Place.text(Place.mapping), file: "mapping.yaml") }
  /// Read once for all tests.
  static func shipped() throws -> Mapping { try read.get() }
}

extension Detector {
  static func shipped(assets: AssetList = AssetList()) throws -> Detector {
    Detector(mapping: try .shipped(), assets: assets)
  }

  func examine(_ text: String) -> LineOutcome { examine(LogLine(number: 1, bytes: Array(text.utf8))) }
}

extension LineOutcome {
  var detection: Detection? {
    if case .detection(let draft, _) = self { return draft.data as? Detection }
    return nil
  }

  var draft: Draft? {
    if case .detection(let draft, _) = self { return draft }
    return nil
  }

  var brokenReason: String? {
    if case .broken(let reason) = self { return reason }
    return nil
  }

  var otherKind: String? {
    if case .other(let kind) = self { return kind }
    return nil
  }
}
