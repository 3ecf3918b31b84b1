import CasusEvents
import CasusSensor
import IJSON

/// The two ends of a record's traffic, put right: Suricata logs some answers with the server as the source.
struct EVEFlow {
  var source: Endpoint?
  var destination: Endpoint?

  /// Ports on which servers of the protocols that matter here listen.
  private static let servers: Set<Int> = [
    20, 21, 22, 23, 25, 53, 80, 88, 102, 110, 135, 139, 143, 389, 443, 445, 464, 502, 587, 636, 993, 995, 1433, 2404,
    3268, 3389, 4840, 5985, 5986, 8080, 8443, 9389, 20000, 44818, 47808,
  ]

  init(_ record: JSONValue) {
    source = Self.endpoint(record["src_ip"], record["src_port"])
    destination = Self.endpoint(record["dest_ip"], record["dest_port"])
    if let flow = record["flow"], let ip = flow["src_ip"]?.text {
      // An alert's own flow says who opened it.
      if ip != source?.ip || flow["src_port"]?.text != record["src_port"]?.text { swap(&source, &destination) }
    } else if let from = source?.port, let to = destination?.port, Self.servers.contains(from),
      !Self.servers.contains(to)
    {
      swap(&source, &destination)
    }
  }

  private static func endpoint(_ ip: JSONValue?, _ port: JSONValue?) -> Endpoint? {
    guard let ip = ip?.text, Address(ip) != nil else { return nil }
    return Endpoint(ip: ip, port: port?.text.flatMap(Int.init).flatMap { (0...65535).contains($0) ? $0 : nil })
  }

  func flow(_ record: JSONValue) -> Flow? {
    guard source != nil || destination != nil else { return nil }
    return Flow(
      source: source, destination: destination,
      transport: record["proto"]?.text.flatMap { oneLine($0.lowercased(), limit: 32) },
      application: application(record), communityID: record["community_id"]?.text.flatMap { oneLine($0, limit: 64) })
  }

  private func application(_ record: JSONValue) -> String? {
    if let name = record["app_proto"]?.text, name != "failed" { return oneLine(name, limit: 32) }
    if let protocolName = record["alert"]?["metadata"]?.values(at: ["protocol"]).first?.text {
      return oneLine(protocolName, limit: 32)
    }
    guard let kind = record["event_type"]?.text, !["alert", "flow", "anomaly", "fileinfo"].contains(kind) else {
      return nil
    }
    return oneLine(kind, limit: 32)
  }
}

/// What in a record can be looked for elsewhere: addresses, names, files, digests.
func observables(in record: JSONValue, _ flow: EVEFlow) -> [Observable] {
  var found: [Observable] = []
  func add(_ kind: ObservableKind, _ text: String?, _ role: String? = nil) {
    guard let text, let value = oneLine(text, limit: 2048), found.count < 32,
      !found.contains(where: { $0.kind == kind && $0.value == value })
    else { return }
    found.append(Observable(kind: kind, value: value, role: role))
  }
  func first(_ path: String) -> String? {
    FieldPath(path).texts(in: record).first.flatMap { $0.isEmpty ? nil : $0 }
  }
  add(.ipAddress, flow.source?.ip, "source")
  add(.ipAddress, flow.destination?.ip, "destination")
  add(.hostname, first("http.hostname"), "server")
  if let host = first("http.hostname"), let url = first("http.url") {
    add(.url, url.hasPrefix("http") ? url : "http://\(host)\(url)")
  }
  add(.userAgent, first("http.http_user_agent"))
  add(.fileName, first("fileinfo.filename"))
  add(.sha256, first("fileinfo.sha256"))
  add(.md5, first("fileinfo.md5"))
  add(.fileName, first("smb.filename"))
  for name in FieldPath("dns.rrname").texts(in: record) + FieldPath("dns.query.rrname").texts(in: record) {
    add(.domainName, name, "queried")
  }
  add(.domainName, first("tls.sni"), "server")
  add(.certificate, first("tls.fingerprint"), "server")
  add(.ja3, first("tls.ja3.hash"), "client")
  add(.emailAddress, first("smtp.mail_from").map(withoutBrackets), "sender")
  for recipient in FieldPath("smtp.rcpt_to").texts(in: record).prefix(8) {
    add(.emailAddress, withoutBrackets(recipient), "recipient")
  }
  for name in FieldPath("email.attachment").texts(in: record).prefix(8) { add(.fileName, name, "attachment") }
  add(.userName, first("rdp.cookie"), "client")
  add(.userName, first("smb.ntlmssp.user"), "client")
  return found
}

private func withoutBrackets(_ address: String) -> String {
  address.hasPrefix("<") && address.hasSuffix(">") ? String(address.dropFirst().dropLast()) : address
}
