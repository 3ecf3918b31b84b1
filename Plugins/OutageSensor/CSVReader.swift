/// Reads CSV (RFC 4180): the first record names the columns; a quoted field may hold commas, quotes and line breaks.
/// Lines may end in LF or CRLF; a byte order mark at the start is skipped. Linear, a plain value.
struct CSVReader {
  struct Record: Equatable {
    var line: Int
    var cells: [ReportRow.Cell]
    var raw: [UInt8]
  }

  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private var line = 1

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    self.file = file
  }

  /// Every record that names at least one cell; a record with a wrong count of cells is a problem, the rest stand.
  static func read(_ bytes: [UInt8], file: String) -> ReportFile {
    var reader = CSVReader(bytes, file: file)
    var result = ReportFile()
    guard let header = reader.next(&result.problems) else {
      if result.problems.isEmpty {
        result.problems.append(ReportProblem(file: file, line: 1, message: "the file is empty"))
      }
      return result
    }
    let names = header.cells.map { $0.text.lowercased() }
    guard names.count <= ReportFile.mostColumns else {
      result.problems.append(
        ReportProblem(file: file, line: 1, message: "\(names.count) columns, of at most \(ReportFile.mostColumns)"))
      return result
    }
    if let repeated = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      result.problems.append(
        ReportProblem(file: file, line: 1, message: "column \(repeated + 1) has the name of one before it"))
      return result
    }
    result.unknownNames = Set(names).subtracting(ReportRow.known)
    while !result.isFull, let record = reader.next(&result.problems) {
      if record.cells.allSatisfy({ $0.text.isEmpty }) { continue }
      guard record.cells.count == names.count else {
        result.problems.append(
          ReportProblem(
            file: file, line: record.line, message: "\(record.cells.count) cells where the header has \(names.count)"))
        continue
      }
      let pairs = zip(names, record.cells).filter { ReportRow.known.contains($0) && !$1.text.isEmpty }
      result.rows.append(
        ReportRow(
          file: file, line: record.line, fields: Dictionary(uniqueKeysWithValues: pairs.map { ($0, $1) }),
          raw: record.raw))
    }
    return result
  }

  private mutating func next(_ problems: inout [ReportProblem]) -> Record? {
    guard at < bytes.count else { return nil }
    let start = at
    let startLine = line
    var cells: [ReportRow.Cell] = []
    while true {
      let cellLine = line
      guard let text = cell() else {
        problems.append(ReportProblem(file: file, line: cellLine, message: "a quoted cell is not closed"))
        return nil
      }
      cells.append(.init(text: trimmed(text), line: cellLine))
      if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      var end = at
      if end > start, bytes[end - 1] == 0x0D { end -= 1 }
      if at < bytes.count {
        at += 1
        line += 1
      }
      return Record(line: startLine, cells: cells, raw: Array(bytes[start..<end]))
    }
  }

  /// Up to the next comma or line end, which stays; nil when a quote is left open.
  private mutating func cell() -> [UInt8]? {
    var text: [UInt8] = []
    var isQuoted = false
    while at < bytes.count {
      let byte = bytes[at]
      if isQuoted {
        if byte == UInt8(ascii: "\"") {
          if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\"") {
            text.append(byte)
            at += 1
          } else {
            isQuoted = false
          }
        } else {
          if byte == 0x0A { line += 1 }
          text.append(byte)
        }
      } else if byte == UInt8(ascii: ",") || byte == 0x0A {
        return text
      } else if byte == UInt8(ascii: "\""), text.isEmpty {
        isQuoted = true
      } else {
        text.append(byte)
      }
      at += 1
    }
    return isQuoted ? nil : text
  }

  private func trimmed(_ bytes: [UInt8]) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    var inner = bytes[...]
    while let first = inner.first, isSpace(first) { inner.removeFirst() }
    while let last = inner.last, isSpace(last) { inner.removeLast() }
    return String(decoding: inner, as: UTF8.self)
  }
}
