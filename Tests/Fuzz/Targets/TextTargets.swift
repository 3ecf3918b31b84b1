import CasusConfiguration
import CasusEvents
import CasusLaunch
import CasusWire
import YAML
import ZeroMQ

@testable import CasusServer

extension FuzzTarget {
  /// Read within the bounds, or refused with a place in the text.
  static let yaml = FuzzTarget(
    name: "yaml", dictionary: "yaml", maxBytes: 4096,
    check: { bytes in
      let lines = bytes.count + 1
      func height(_ node: YAMLNode) -> Int {
        require((1...lines).contains(node.place.line) && node.place.column >= 1, "a place out of the text")
        if let elements = node.sequence { return 1 + (elements.map(height).max() ?? 0) }
        if let members = node.mapping {
          require(Set(members.map(\.name)).count == members.count, "a key twice")
          return 1 + (members.map { max(height($0.key), height($0.value)) }.max() ?? 0)
        }
        return 0
      }
      do throws(YAMLError) {
        guard let root = try YAMLNode.parse(Array(bytes)) else { return }
        require(height(root) <= YAMLLimits().maxDepth, "deeper than it may be")
      } catch {
        require(!error.message.isEmpty && !error.message.contains("\n"), "refused for no reason")
        require(error.place.map { (1...lines + 1).contains($0.line) } ?? true, "a place out of the text: \(error)")
      }
    },
    seeds: { _ in
      [
        "a: &a [1, 'x', {<<: *a}]\n", "- |\n  two\n  lines\n- >-\n  one\n", "? [a]\n: !!str b\n",
        "%TAG ! tag:x:\n---\n!y z\n",
        "\u{FEFF}\"\\u3042\\x41\": # comment\r\n\t- 1\r\n", "a: {b: [c, d,],}\n...\n---\n",
      ].map { Array($0.utf8) }
    })

  /// A registry's file: read or refused with a message that names the file.
  static let registry = FuzzTarget(
    name: "registry", dictionary: "yaml", maxBytes: 4096,
    check: { bytes in
      let file = "\(Scratch.folder)/agency.yaml"
      Scratch.write(bytes, to: file)
      var folder = RegistryFolder(Scratch.folder, reserved: "casus/broker")
      do throws(ServerError) { _ = try folder.load() } catch {
        require(error.description.contains(Scratch.folder), "a refusal that does not name its file: \(error)")
      }
    },
    seeds: { _ in
      [
        """
        agency: jp.nisc
        nation: JP
        plugins:
          - name: suricata-1
            key: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
            roles: [replay, exercise]
            publish: [casus.detection.v1, "casus.>"]
            subscribe: ["casus.*.v1"]
            clearance: AMBER+STRICT
        """,
        "agency: &a us.cisa\nplugins: [{name: *a, key: x}]\n", "{agency: x, plugins: []}\n---\n", "? [a]\n: b\n",
      ].map { Array($0.utf8) }
    })

  static let configuration = FuzzTarget(
    name: "configuration", dictionary: "yaml", maxBytes: 4096,
    check: { bytes in
      let file = "\(Scratch.folder)/casusd.yaml"
      Scratch.write(bytes, to: file)
      do throws(ServerError) {
        let configuration = try Configuration.read(file)
        require(!configuration.listen.isEmpty && !configuration.journal.isEmpty, "accepted without what it needs")
      } catch {
        require(error.description.contains("casusd.yaml"), "a refusal that does not name its file: \(error)")
      }
    },
    seeds: { _ in
      [
        """
        name: exercise
        listen: ["tcp://127.0.0.1:0", "ipc:///tmp/x"]
        key: broker.key
        registry: registry
        journal: journal
        ready: ready.json
        heartbeat_ms: 1000
        segment_bytes: 1048576
        compression: none
        exercise: true
        limits: {event_bytes: 65536, batch_bytes: 262144, peers: 10}
        """
      ].map { Array($0.utf8) }
    })

  static let topology = FuzzTarget(
    name: "topology", dictionary: "yaml", maxBytes: 4096,
    check: { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      do throws(ConfigurationError) {
        _ = try TopologyReader.read(
          yaml: text, file: "topology.yaml", folder: "/nonexistent", environment: ["HOME": "/root", "X": "1"])
      } catch { require(!error.faults.isEmpty, "refused for no reason") }
    },
    seeds: { _ in
      [
        """
        name: demo
        broker: {listen: ["tcp://127.0.0.1:0"], limits: {peers: 5}, exercise: true, restart: {delay: 1s, crashes: 3}}
        agencies:
          jp.nisc: {nation: JP}
        plugins:
          - name: jp.nisc/a-1
            run: [program, "${X:-y}", "$${z}"]
            environment: {A: b}
            settings: {a: [1, 0x1F, .inf, no, "${X}"], f: !file other.yaml, t: ~}
            publish: [casus.detection.v1]
            roles: [exercise]
            clearance: GREEN
            stop: 500ms
        people:
          - {name: jp.nisc/desk, subscribe: [">"]}
        """
      ].map { Array($0.utf8) }
    })

  /// A key file that is accepted, written and read again is the same.
  static let keyFile = FuzzTarget(
    name: "key-file", dictionary: "key", maxBytes: 512,
    check: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let file = try? KeyFile.parse(text, path: "key") else { return }
      guard let again = try? KeyFile.parse(file.text, path: "key") else { fatalError("its own text is refused") }
      require(again.keys.publicKey == file.keys.publicKey, "another key")
      require(again.comment.utf8.elementsEqual(file.comment.utf8), "another comment")
    },
    seeds: { _ in
      guard let keys = try? CurveKeyPair.generate() else { return [] }
      return [Array(KeyFile(comment: "casus key a/b", keys: keys).text.utf8)]
    })

  /// Small texts: a time, a type pattern, a span of time.
  static let text = FuzzTarget(
    name: "text", dictionary: "text", maxBytes: 128,
    check: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      if let time = Timestamp(rfc3339: text) {
        require(Timestamp(rfc3339: time.rfc3339) == time, "\(time.rfc3339) is another time")
      }
      _ = TypePattern(text).map { $0.covers($0) }.map { require($0, "a pattern does not cover itself") }
      let parts = bytes.parts(2)
      if let wide = TypePattern(String(decoding: parts[0], as: UTF8.self)),
        let narrow = TypePattern(String(decoding: parts[1], as: UTF8.self)), wide.covers(narrow)
      {
        let type = narrow.text.replacing("*", with: "x").replacing(">", with: "y.z")
        if narrow.matches(type) { require(wide.matches(type), "\(wide.text) covers \(narrow.text), not \(type)") }
      }
    },
    seeds: { _ in
      ["2026-08-14T09:30:00.123456789+09:00", "casus.*.v1", "casus.>", "0001-01-01T00:00:00Z"].map { Array($0.utf8) }
        + [joined("casus.>", "casus.*.v1"), joined("*.a.>", "b.a.c")]
    })
}
