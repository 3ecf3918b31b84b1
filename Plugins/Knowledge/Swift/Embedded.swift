internal import CKnowledge
internal import IJSON

/// Reads one of the files that the program carries. A file that doesn't parse is a broken build, not a bad input.
func embedded<T: Decodable>(_ type: T.Type, _ file: casus_knowledge_file) -> T {
  let bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
  do {
    return try JSONDocument(bytes, limits: JSONLimits(maxBytes: max(1, file.count))).decode(type)
  } catch {
    fatalError("a data file inside this program doesn't parse: \(error)")
  }
}
