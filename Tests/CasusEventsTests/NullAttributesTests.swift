import CasusEvents
import Testing

/// CloudEvents' JSON format takes null for "not set"; a subscriber reads such an event as one without the attribute.
@Suite struct NullAttributes {
  private func envelope(_ more: String) throws -> Envelope {
    let text =
      #"{"specversion":"1.0","id":"e-1","source":"//jp.nisc/a","type":"a.v1","time":"2026-08-14T00:30:00Z",\#(more)"tlp":"GREEN","data":{}}"#
    let stamp = Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "jp.nisc/a", flags: [])
    return try RecordedEvent(stamp: stamp, bytes: Array(text.utf8)).envelope
  }

  @Test func `are not set`() throws {
    let bare = try envelope("")
    let names = [
      "subject", "dataschema", "datacontenttype", "exercise", "correlationid", "causationid", "traceparent",
      "anextension",
    ]
    for name in names { #expect(try envelope(#""\#(name)":null,"#) == bare) }
    #expect(try envelope(names.map { #""\#($0)":null,"# }.joined()) == bare)
    #expect(!bare.exercise && bare.subject == nil)
  }

  @Test func `a media type of JSON changes nothing`() throws {
    let bare = try envelope("")
    #expect(try envelope(#""datacontenttype":"application/json; charset=utf-8","#) == bare)
  }
}
