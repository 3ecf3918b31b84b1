internal import CLibYAML

/// A step through a text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(YAMLScalar, anchor: String?, tag: String?)
    case sequenceStart(anchor: String?, tag: String?)
    case sequenceEnd
    case mappingStart(anchor: String?, tag: String?)
    case mappingEnd
  }

  var kind: Kind
  /// Where it begins.
  var place: YAMLPlace
}

/// libyaml's parser over bytes that outlive it. Owns the parser's memory; every event's is freed before `next` returns.
struct YAMLEvents: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    self.bytes = bytes
    parser = .allocate(capacity: 1)
    // What a failed call leaves behind is empty, and may be deleted.
    guard yaml_parser_initialize(parser) == 1 else { throw YAMLError(.memory, "there is no memory to read it") }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event. After the stream's end, and after an error, there is none.
  mutating func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
    defer { yaml_event_delete(&event) }
    return YAMLEvent(kind: Self.kind(event), place: YAMLPlace(event.start_mark))
  }

  private static func kind(_ event: yaml_event_t) -> YAMLEvent.Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      return .scalar(
        YAMLScalar(
          text: String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self),
          style: style(scalar.style)), anchor: text(scalar.anchor), tag: text(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequenceStart(anchor: text(start.anchor), tag: text(start.tag))
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(anchor: text(start.anchor), tag: text(start.tag))
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    default: return .streamEnd
    }
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func error() -> YAMLError {
    let fault = parser.pointee
    let problem = fault.problem.map { String(cString: $0) } ?? "it cannot be read"
    switch fault.error {
    case YAML_MEMORY_ERROR: return YAMLError(.memory, "there is no memory to read it")
    case YAML_READER_ERROR:
      let place = place(ofByte: Int(clamping: fault.problem_offset))
      return YAMLError(.encoding, at: place, YAMLAdvice.encoding(problem, value: Int(fault.problem_value)))
    default:
      let place = YAMLPlace(fault.problem_mark)
      var message = problem
      if let context = fault.context {
        message = String(cString: context) + ": " + message
        let begin = YAMLPlace(fault.context_mark)
        if begin.line < place.line { message += ", begun at line \(begin.line)" }
      }
      let byte = fault.problem_mark.index < bytes.count ? self.byte(atScalar: Int(fault.problem_mark.index)) : nil
      return YAMLError(.syntax, at: place, message + YAMLAdvice.syntax(problem, at: byte))
    }
  }

  private func place(ofByte offset: Int) -> YAMLPlace {
    var place = YAMLPlace(line: 1, column: 1)
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        place = YAMLPlace(line: place.line + 1, column: 1)
      } else if byte & 0xC0 != 0x80 {
        place.column += 1
      }
    }
    return place
  }

  /// The first byte of a character, which libyaml counts as Unicode scalars.
  private func byte(atScalar index: Int) -> UInt8? {
    var count = -1
    for byte in bytes where byte & 0xC0 != 0x80 {
      count += 1
      if count == index { return byte }
    }
    return nil
  }
}

extension YAMLPlace {
  init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}
