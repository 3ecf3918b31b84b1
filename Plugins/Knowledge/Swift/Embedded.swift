internal import CKnowledge
internal import FoundationEssentials

/// Reads one of the files that the program carries. A file that doesn't parse is a broken build, not a bad input.
func embedded<T: Decodable>(_ type: T.Type, _ file: casus_knowledge_file, snakeCase: Bool = false) -> T {
  let decoder = JSONDecoder()
  if snakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
  do {
    return try decoder.decode(type, from: Data(bytes: file.bytes, count: file.count))
  } catch {
    fatalError("a data file inside this program doesn't parse: \(error)")
  }
}
