import CasusEvents
import CasusSensor
import IJSON

/// Turns lines of an EVE log into detections, by a mapping. Pure: a line always gives the same event, so that reading
/// it twice is a duplicate and not a second detection. Cost: about that of parsing the line.
struct Detector: LineDetector {
  var mapping: Mapping
  var assets: AssetList
  var tlp: TLP = .amber
  var exercise = false
  var admiralty: Admiralty?
  /// Bytes of the record that travel with the event; the digest is of the whole.
  var excerptBytes = 1024

  /// Changes with everything in the settings that a detection's bytes depend on: the ids follow it.
  private var context: String {
    let marks = "\(admiralty.map { "\($0.reliability.rawValue)\($0.credibility)" } ?? "")"
    return "1 \(mapping.digest) \(tlp.rawValue) \(exercise) \(marks) \(excerptBytes)"
  }

  func examine(_ line: LogLine) -> LineOutcome {
    if line.isCut { return .broken(reason: "the line is longer than the limit") }
    do throws(JSONError) {
      let document = try JSONDocument(line.bytes, limits: .lenient(maxBytes: max(1, line.bytes.count)))
      return document.read { examine($0, line) }
    } catch {
      return .broken(reason: error.message + (error.offset.map { " at byte \($0)" } ?? ""))
    }
  }

  private func examine(_ record: JSONValue, _ line: LogLine) -> LineOutcome {
    guard record.kind == .object else { return .broken(reason: "the line is not a JSON object") }
    guard let kind = record["event_type"]?.text else { return .broken(reason: "the record has no event_type") }
    guard let rule = mapping.rule(for: record), let meaning = rule.meaning else { return .other(kind: kind) }
    guard let time = record["timestamp"]?.text.flatMap(Timestamp.init(eve:)) else {
      return .broken(reason: "the record has no timestamp that can be read")
    }
    return .detection(draft(record, kind: kind, time: time, rule: rule.name, meaning, line.bytes), kind: kind)
  }

  private func draft(
    _ record: JSONValue, kind: String, time: Timestamp, rule: String, _ meaning: Mapping.Meaning, _ bytes: [UInt8]
  ) -> Draft {
    let lineDigest = sha256Hex(bytes)
    let flow = EVEFlow(record)
    let ends = (source: assets.asset(at: flow.source?.ip), destination: assets.asset(at: flow.destination?.ip))
    let asset: Asset? =
      switch meaning.asset {
      case .source: ends.source
      case .destination: ends.destination
      case .either: ends.destination ?? ends.source
      }
    let title = meaning.title.text(for: record)
    let detection = Detection(
      finding: Finding(
        uid: "suricata:" + lineDigest.prefix(32), title: oneLine(title) ?? kind,
        analytic: analytic(record, kind: kind, rule: rule)),
      severityID: meaning.severity ?? severity(of: record), confidence: meaning.confidence, firstSeen: time,
      lastSeen: time, techniques: meaning.techniques(for: record), software: meaning.software(for: record),
      observables: observables(in: record, flow), asset: asset, flow: flow.flow(record),
      raw: Excerpt(of: bytes, limit: excerptBytes), admiralty: admiralty)
    return Draft(
      detection, id: derivedID("detection", [lineDigest, context, assetMark(asset)]),
      subject: asset.map { oneLine($0.id) ?? "?" }, time: time, tlp: tlp, exercise: exercise)
  }

  private func assetMark(_ asset: Asset?) -> String {
    guard let asset else { return "" }
    return [
      asset.id, asset.operatorName ?? "", asset.nation ?? "", asset.sector?.rawValue ?? "",
      asset.location?.rawValue ?? "",
    ].joined(separator: "|")
  }

  private func analytic(_ record: JSONValue, kind: String, rule: String) -> Analytic {
    guard let alert = record["alert"], kind == "alert", let number = alert["signature_id"]?.text else {
      return Analytic(
        name: "mapping rule \(oneLine(rule, limit: 200) ?? "")", uid: "casus-mapping:\(oneLine(rule, limit: 200) ?? "")"
      )
    }
    let name = oneLine(alert["signature"]?.text ?? "") ?? "signature \(number)"
    return Analytic(
      name: name, uid: "suricata:\(alert["gid"]?.text ?? "1"):\(number)", version: alert["rev"]?.text)
  }

  /// Suricata counts from 1 (most severe) to 3 and beyond; OCSF the other way.
  private func severity(of record: JSONValue) -> Int {
    switch record["alert"]?["severity"]?.double {
    case 1: 4
    case 2: 3
    case 3: 2
    default: 1
    }
  }
}

extension Timestamp {
  /// Suricata's time, `2026-03-02T01:00:02.020686+0000`: RFC 3339 but for the colon in the offset.
  init?(eve text: String) {
    var characters = Array(text.utf8)
    if characters.count > 5,
      characters[characters.count - 5] == UInt8(ascii: "+") || characters[characters.count - 5] == UInt8(ascii: "-")
    {
      characters.insert(UInt8(ascii: ":"), at: characters.count - 2)
    }
    self.init(rfc3339: String(decoding: characters, as: UTF8.self))
  }
}
