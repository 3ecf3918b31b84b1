import CasusCore
import CasusEvents
import CasusWire
import JSONSchema

@testable import CasusServer

extension FuzzTarget {
  /// What the broker accepts, by the strict reader, its envelope check and the type's schema, a subscriber can read: the
  /// envelope says the same, and the SDK's type for the event decodes.
  static let event = FuzzTarget(
    name: "event", dictionary: "event", maxBytes: 8192,
    check: { bytes in
      var inspector = inspector
      guard let facts = try? inspector.open(bytes) else { return }
      let name = facts.type
      let type = String(decoding: name, as: UTF8.self)
      let event = Array(bytes)
      let stamp = Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "a/b", flags: [])
      guard let number = types.firstIndex(where: { $0.0.elementsEqual(name) }) else { return }
      do throws(WireError) { try inspector.validate(type: UInt16(number), name: name) } catch {
        require(error.code == .schema && error.schema != nil, "a refusal without its schema")
        return
      }
      let recorded: RecordedEvent
      do { recorded = try RecordedEvent(stamp: stamp, bytes: event) } catch {
        fatalError("the broker accepts an envelope that the SDK refuses: \(error)")
      }
      let envelope = recorded.envelope
      require(envelope.type.rawValue.utf8.elementsEqual(type.utf8), "another type")
      require(envelope.id.utf8.elementsEqual(facts.id), "another id")
      require(envelope.source.utf8.elementsEqual(facts.source), "another source")
      require(envelope.time == facts.time, "another time")
      require(envelope.exercise == facts.exercise && envelope.tlp == facts.tlp, "other marks")
      do { try types[number].1(recorded) } catch {
        fatalError("the SDK's type refuses what the schema accepts: \(error)")
      }
    })

  /// Each type of the vocabulary with what decodes its data.
  private static let types: [([UInt8], @Sendable (RecordedEvent) throws -> Void)] = [
    decoder(Detection.self), decoder(Effect.self), decoder(Incident.self), decoder(Attribution.self),
    decoder(Purpose.self), decoder(Damage.self), decoder(CaseFile.self), decoder(Consultation.self),
    decoder(Position.self), decoder(Decision.self), decoder(BusJoined.self), decoder(BusLeft.self),
    decoder(BusCrashed.self), decoder(BusRefused.self), decoder(BusQuarantined.self), decoder(BusLagging.self),
    decoder(BusSchema.self), decoder(BusClock.self), decoder(BusLoss.self), decoder(BusRegistry.self),
  ]

  private static func decoder<P: Payload>(_: P.Type) -> ([UInt8], @Sendable (RecordedEvent) throws -> Void) {
    (Array(P.type.rawValue.utf8), { _ = try $0.data(as: P.self) })
  }

  /// One thread runs a target.
  nonisolated(unsafe) private static let inspector: SchemaInspector = {
    var inspector = SchemaInspector(limits: Limits())
    for (number, type) in types.enumerated() {
      guard let schema = EventSchemas.all.first(where: { $0.type.utf8.elementsEqual(type.0) }) else {
        fatalError("a type without a schema")
      }
      do throws(SchemaError) {
        inspector.adopt(try SchemaEdition(schema.bytes, of: schema.type, origin: "program"), for: UInt16(number))
      } catch { fatalError("\(error)") }
    }
    return inspector
  }()
}
