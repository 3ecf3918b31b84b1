/// What a schema is compiled to: tables of plain values that point to each other by number, read in place by any
/// number of threads at once. Built by ``ProgramBuilder``, freed by its ``CompiledSchema``.
struct Program: @unchecked Sendable {  // written before it is shared, never after
  let nodes: UnsafeMutableBufferPointer<Node>
  let operations: UnsafeMutableBufferPointer<Operation>
  let objects: UnsafeMutableBufferPointer<ObjectRule>
  let arrays: UnsafeMutableBufferPointer<ArrayRule>
  let choices: UnsafeMutableBufferPointer<UInt32>
  let numbers: UnsafeMutableBufferPointer<JSONNumber>
  let patterns: UnsafeMutableBufferPointer<Pattern>
  let patternRules: UnsafeMutableBufferPointer<PatternRule>
  let slots: UnsafeMutableBufferPointer<NameSlot>
  let names: UnsafeMutableBufferPointer<UInt8>
  let scopes: UnsafeMutableBufferPointer<ScopeRule>
  /// The constants of `const` and `enum`, as a tape and its strings.
  let constantTape: UnsafeMutableBufferPointer<UInt64>
  let constantStrings: UnsafeMutableBufferPointer<UInt8>
  let root: UInt32
  let usesDynamicScope: Bool

  func destroy() {
    for pattern in patterns { pattern.destroy() }
    nodes.deallocate()
    operations.deallocate()
    objects.deallocate()
    arrays.deallocate()
    choices.deallocate()
    numbers.deallocate()
    patterns.deallocate()
    patternRules.deallocate()
    slots.deallocate()
    names.deallocate()
    scopes.deallocate()
    constantTape.deallocate()
    constantStrings.deallocate()
  }
}

/// The number that stands for no node, table or location.
let none = UInt32.max

/// One schema. Its operations stand together in groups by the instance's type, so that those for others are skipped:
///
///     first | any | number | string | array | object | in place | end
///
/// Each bound is a distance from `first`.
struct Node {
  var types = JSONType.any
  /// An `unevaluatedItems` or `unevaluatedProperties` of this schema needs to know what the others evaluated.
  var tracks = false
  var resource: UInt16 = 0
  var typeLocation = none
  var first: UInt32 = 0
  var numberStart: UInt16 = 0
  var stringStart: UInt16 = 0
  var arrayStart: UInt16 = 0
  var objectStart: UInt16 = 0
  var inPlaceStart: UInt16 = 0
  var end: UInt16 = 0
  var unevaluatedItems = none
  var unevaluatedProperties = none
}

struct Operation {
  enum Code: UInt8 {
    case never
    case constant, stringEnumeration, enumeration
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf
    case minLength, maxLength, pattern, format
    case items, minItems, maxItems, contains, uniqueItems
    case members, minProperties, maxProperties, dependentRequired, dependentSchema
    case reference, dynamicReference, anyOf, oneOf, not, condition
  }

  var code: Code
  /// Which keyword this is and where it stands, for a failure's report.
  var location: UInt32
  var a: UInt32 = none
  var b: UInt32 = none
  var c: UInt32 = none
}

/// `properties`, `patternProperties`, `additionalProperties`, `propertyNames` and `required`: one walk over the members.
struct ObjectRule {
  /// Names to ``MemberRule``s.
  var names: NameTable
  var requiredCount: UInt32
  var requiredLocation: UInt32
  var patternStart: UInt32
  var patternCount: UInt32
  var additional: UInt32
  var memberNames: UInt32
  /// Whether every name in `names` is known to keep `memberNames`.
  var namesAreVouched = false
}

/// What a name of an ``ObjectRule`` stands for: a node, or `noNode`, and whether it is required.
struct MemberRule {
  static let requiredBit: UInt32 = 1 << 31
  static let nodeBits = requiredBit - 1
  /// All bits of both would be `none`, an empty slot.
  static let noNode = nodeBits - 1
}

struct PatternRule {
  var pattern: UInt32
  var node: UInt32
}

/// `prefixItems` and `items`: one walk over the elements.
struct ArrayRule {
  /// Nodes in `choices`.
  var prefixStart: UInt32
  var prefixCount: UInt32
  var rest: UInt32
}

/// Where a dynamic anchor leads while a resource is in scope.
struct ScopeRule {
  var resource: UInt32
  var node: UInt32
}
