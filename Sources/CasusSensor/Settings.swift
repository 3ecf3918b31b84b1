struct AnyName: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// Throws when the decoder's object has a member that isn't among `known`.
package func refuseUnknownNames(_ decoder: any Decoder, known: [String]) throws {
  let names = try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue)
  if let unknown = names.sorted().first(where: { !known.contains($0) }) {
    throw DecodingError.dataCorrupted(
      DecodingError.Context(
        codingPath: decoder.codingPath,
        debugDescription: "there is no setting '\(unknown)'; there are \(known.sorted().joined(separator: ", "))"))
  }
}
