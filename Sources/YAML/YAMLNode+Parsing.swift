extension YAMLNode {
  /// Reads a text's one document; nil when it holds nothing but comments and space. Linear in the text; safe for texts of
  /// strangers.
  ///
  /// YAML 1.1 as libyaml reads it, so JSON passes too. Stricter: keys are scalars and unique, and there is one document.
  /// Merge keys (`<<`) are keys as any other here; ``decode(_:)`` follows them.
  public static func parse(
    _ text: String, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> YAMLNode? {
    try parse(Array(text.utf8), limits: limits)
  }

  /// The same from bytes, which may be no UTF-8.
  public static func parse(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode? {
    let read = try read(bytes, limits: limits)
    if let first = read.duplicates.first { throw first }
    return read.node
  }

  /// The same for who tells everything that is wrong at once: of a key that stands twice the first value is taken, and each
  /// further one is a fault beside the tree.
  public static func read(
    _ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> (node: YAMLNode?, duplicates: [YAMLError]) {
    guard bytes.count <= limits.maxBytes else {
      throw YAMLError(.size, "has \(bytes.count) bytes; \(limits.maxBytes) are the most")
    }
    let result = bytes.withUnsafeBufferPointer { buffer in
      // The byte order mark that some editors write is no character of the first line.
      let rest = buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeBufferPointer(rebasing: buffer.dropFirst(3)) : buffer
      return Result { () throws(YAMLError) in
        try checkDirectives(rest)
        var composer = try YAMLComposer(rest, limits)
        let node = try composer.document()
        return (node: node, duplicates: composer.duplicates)
      }
    }
    return try result.get()
  }

  private static let mostDirectives = 64

  /// libyaml compares each `%TAG` with all before it, and tells nothing before the last of them.
  private static func checkDirectives(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    var count = 0
    var place = 0
    while place + 4 <= bytes.count {
      if bytes[place] == UInt8(ascii: "%"), bytes[(place + 1)..<(place + 4)].elementsEqual("TAG".utf8) { count += 1 }
      place += 1
    }
    guard count <= mostDirectives else {
      throw YAMLError(.size, "has more than \(mostDirectives) %TAG directives; write the tags out")
    }
  }
}
