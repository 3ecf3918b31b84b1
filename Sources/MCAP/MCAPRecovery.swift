/// What `recover` saved and what it had to leave behind.
public struct MCAPRecoveryReport: Hashable, Sendable {
  public var messages: UInt64 = 0
  public var attachments: UInt64 = 0
  public var metadata: UInt64 = 0
  /// Records, chunks among them, whose length was right and whose contents were not.
  public var discardedRecords: UInt64 = 0
  /// Where reading ended before the footer, and why.
  public var stopped: MCAPError?

  /// Nothing that stood in the file is missing, but for a summary, which is made anew.
  public var isLossless: Bool {
    discardedRecords == 0 && !endedInside && (stopped.map { $0.code == .truncated } ?? true)
  }
  /// Bytes that are no whole record stand behind the last one that could be read.
  public var endedInside = false
}

/// Writes a new, closed file with everything that can be read of a damaged or unclosed one.
///
/// A chunk with a wrong CRC is left out and reading goes on behind it; where a length is wrong, reading ends. Memory:
/// one record and one unpacked chunk of either file.
/// - Throws: what the sink throws, or `.notMCAP` when the source does not even begin as MCAP.
public func recoverMCAP(
  from source: any ByteSource, to sink: any ByteSink, options: MCAPWriterOptions = MCAPWriterOptions()
) throws(MCAPError) -> MCAPRecoveryReport {
  var report = MCAPRecoveryReport()
  var reading = MCAPReaderOptions()
  // Without the data's own CRC: it is wrong as soon as one chunk is, and the chunks have theirs.
  reading.checkDataCRC = false
  let reader = MCAPStreamReader(source, options: reading)
  guard case .header(let header) = try reader.next() else {
    throw MCAPError(.malformed, at: 8, "the first record is not a header")
  }
  var options = options
  options.profile = header.profile
  let writer = try MCAPWriter(sink, options: options)
  while true {
    do throws(MCAPError) {
      guard let record = try reader.next() else { break }
      if case .dataEnd = record { break }
      do throws(MCAPError) { try keep(record, writer, &report) } catch {
        if error.code == .io { throw error }
        report.discardedRecords += 1
      }
    } catch {
      if error.code == .io { throw error }
      if reader.skipDamagedRecord() {
        report.discardedRecords += 1
      } else {
        report.stopped = error
        report.endedInside = reader.goodEnd < source.size
        break
      }
    }
  }
  try writer.finish()
  return report
}

private func keep(
  _ record: MCAPRecord, _ writer: MCAPWriter, _ report: inout MCAPRecoveryReport
) throws(MCAPError) {
  switch record {
  case .schema(let schema): try writer.add(schema)
  case .channel(let channel): try writer.add(channel)
  case .message(let message):
    try writer.write(message)
    report.messages += 1
  case .attachment(let attachment):
    try writer.write(attachment)
    report.attachments += 1
  case .metadata(let metadata):
    try writer.write(metadata)
    report.metadata += 1
  default: break
  }
}
