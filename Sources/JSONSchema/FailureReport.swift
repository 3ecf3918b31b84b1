internal import IJSON

/// Says in words what a check found: made only when a validation has failed.
struct FailureReport {
  let program: Program
  let places: [Compiler.Place]
  let limits: SchemaLimits
  /// How many the validation had.
  let steps: Int
  let root: JSONValue

  func failure(_ fault: Evaluator.Fault) -> ValidationFailure {
    let value = root.at(fault.index)
    switch fault.cause {
    case .cost: return failure(fault, nil, "$cost", "takes more than \(steps) steps to validate")
    case .recursion:
      return failure(fault, nil, "$recursion", "enters more than \(limits.maxRecursion) schemas within each other")
    case .type(let place, let types):
      return failure(fault, place, nil, "is \(Self.name(of: value)), not \(types.text)")
    case .missingMember(let rule):
      let rule = program.objects[Int(rule)]
      return failure(fault, rule.requiredLocation, nil, "lacks \(missing(rule, value))")
    case .operation(let operation):
      return failure(fault, operation.location, nil, message(operation, value))
    }
  }

  private func failure(
    _ fault: Evaluator.Fault, _ place: UInt32?, _ keyword: String?, _ message: String
  ) -> ValidationFailure {
    let place = place.flatMap { $0 == none ? nil : places[Int($0)] }
    return ValidationFailure(
      instancePointer: pointer(to: fault.index), schemaPointer: place?.pointer ?? "",
      keyword: keyword ?? place?.keyword ?? "", message: message)
  }

  /// The way from the root to a tape index: of a value, or of a member's name.
  private func pointer(to wanted: Int) -> String {
    let tape = root.tape
    var pointer = JSONPointer()
    var index = root.index
    descent: while index != wanted {
      let isObject = Tape.kind(tape[index]) == Tape.object
      let end = Tape.end(tape[index]) - 1
      var position = index + 1
      var element = 0
      while position < end {
        let value = isObject ? position + 1 : position
        let next = Tape.next(tape, value)
        if wanted < next {
          if isObject {
            pointer.append(name: Tape.utf8(tape[position], root.strings))
          } else {
            pointer.append(index: element)
          }
          if wanted == position { break descent }
          index = value
          continue descent
        }
        position = next
        element += 1
      }
      break
    }
    return pointer.text
  }

  private static let mostMissing = 20

  /// The required names that the object lacks, in the schema's order; some of them where there are very many.
  private func missing(_ rule: ObjectRule, _ value: JSONValue) -> String {
    let slots = program.slots[Int(rule.names.start)...Int(rule.names.start + rule.names.mask)]
    let required = slots.filter { $0.value != none && $0.value & MemberRule.requiredBit != 0 }
    var names: [String] = []
    for slot in required.sorted(by: { $0.start < $1.start }) {
      let name = UnsafeBufferPointer(
        start: program.names.baseAddress.unsafelyUnwrapped + Int(slot.start), count: Int(slot.key.count))
      guard value.member(name) == nil else { continue }
      guard names.count < Self.mostMissing else { return "the members \(names.joined(separator: ", ")) and others" }
      names.append(Self.quoted(name))
    }
    return "the member\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
  }

  private func message(_ operation: Operation, _ value: JSONValue) -> String {
    func number() -> String { Self.text(program.numbers[Int(operation.a)]) }
    func counted(_ count: UInt32, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
    switch operation.code {
    case .never: return "is not allowed"
    case .constant: return "is \(shown(value)), not \(Self.shown(constant(operation.a)))"
    case .stringEnumeration, .enumeration: return "is \(shown(value)), not one of \(choices(operation))"
    case .minimum: return "is \(shown(value)), below the minimum \(number())"
    case .maximum: return "is \(shown(value)), above the maximum \(number())"
    case .exclusiveMinimum: return "is \(shown(value)), not above \(number())"
    case .exclusiveMaximum: return "is \(shown(value)), not below \(number())"
    case .multipleOf: return "is \(shown(value)), not a multiple of \(number())"
    case .minLength: return "has fewer than \(counted(operation.a, "character"))"
    case .maxLength: return "has more than \(counted(operation.a, "character"))"
    case .pattern: return "is \(shown(value)), which the pattern doesn't match"
    case .format:
      return "is \(shown(value)), not of the format \(Format(rawValue: operation.a)?.name ?? "?")"
    case .minItems: return "has fewer than \(counted(operation.a, "element"))"
    case .maxItems: return "has more than \(counted(operation.a, "element"))"
    case .contains:
      let bounds = operation.c == none ? "at least \(operation.b)" : "\(operation.b) to \(operation.c)"
      return "does not have \(bounds) elements of the kind that it must contain"
    case .uniqueItems: return "has two equal elements"
    case .minProperties: return "has fewer than \(counted(operation.a, "member"))"
    case .maxProperties: return "has more than \(counted(operation.a, "member"))"
    case .dependentRequired: return "lacks a member that another of its members requires"
    case .anyOf: return "keeps none of the \(operation.b) schemas of which it must keep one"
    case .oneOf: return "keeps none, or more than one, of the \(operation.b) schemas of which it must keep exactly one"
    case .not: return "keeps a schema that it must not keep"
    case .items, .members, .dependentSchema, .reference, .dynamicReference, .condition: return "breaks the schema"
    }
  }

  private func constant(_ index: UInt32) -> (UnsafePointer<UInt64>, UnsafePointer<UInt8>, Int) {
    (
      UnsafePointer(program.constantTape.baseAddress.unsafelyUnwrapped),
      UnsafePointer(program.constantStrings.baseAddress.unsafelyUnwrapped), Int(index)
    )
  }

  private func choices(_ operation: Operation) -> String {
    let start = Int(operation.c)
    let count = Int(program.choices[start])
    let shown = (start + 1..<start + 1 + min(count, 12)).map { Self.shown(constant(program.choices[$0])) }
    return shown.joined(separator: ", ") + (count > 12 ? " and \(count - 12) more" : "")
  }

  private func shown(_ value: JSONValue) -> String {
    Self.shown((value.tape, value.strings, value.index))
  }

  static func shown(_ place: (tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int)) -> String {
    let word = place.tape[place.index]
    switch Tape.kind(word) {
    case Tape.string: return quoted(Tape.utf8(word, place.strings))
    case Tape.int64, Tape.uint64, Tape.double:
      return text(JSONNumber(kind: Tape.kind(word), bits: place.tape[place.index + 1]))
    case Tape.yes: return "true"
    case Tape.no: return "false"
    case Tape.object: return Tape.count(word) == 0 ? "{}" : "an object"
    case Tape.array: return Tape.count(word) == 0 ? "[]" : "an array"
    default: return "null"
    }
  }

  static func text(_ number: JSONNumber) -> String {
    switch number.kind {
    case Tape.int64: Int64(bitPattern: number.bits).description
    case Tape.uint64: number.bits.description
    default: Double(bitPattern: number.bits).description
    }
  }

  /// At most 40 characters, as a JSON string.
  static func quoted(_ text: UnsafeBufferPointer<UInt8>) -> String {
    let whole = String(decoding: text.prefix(200), as: UTF8.self)
    return JSONWriter.quoted(whole.count > 40 || text.count > 200 ? String(whole.prefix(40)) + "…" : whole)
  }

  private static func name(of value: JSONValue) -> String {
    switch value.kind {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
