import CasusEvents
import CasusSensor
import YAML

/// Reads reports from JSON: one object, a list of objects, or `{"reports": [...]}`. Names are the columns of the CSV.
enum JSONReports {
  static func read(_ bytes: [UInt8], file: String) -> ReportFile {
    let reader = ConfigurationReader(file: file)
    var result = ReportFile()
    do {
      // JSON is YAML, and a YAML reader knows the line of everything; but only JSON may pass here.
      _ = try JSONTree(parsing: bytes)
      var node = try reader.document(String(decoding: bytes, as: UTF8.self))
      if let list = node["reports"] { node = list }
      for node in reader.oneOrMore(node) {
        do {
          result.rows.append(try row(node, reader, &result.unknownNames))
        } catch {
          result.problems.append(ReportProblem(file: file, line: error.line ?? 1, message: error.message))
        }
      }
    } catch let error as JSONTreeError {
      let line = bytes.prefix(error.offset).count { $0 == 0x0A } + 1
      result.problems.append(ReportProblem(file: file, line: line, message: "not JSON: \(error.message)"))
    } catch let error as ConfigurationError {
      result.problems.append(ReportProblem(file: file, line: error.line ?? 1, message: error.message))
    } catch {
      result.problems.append(ReportProblem(file: file, line: 1, message: "\(error)"))
    }
    return result
  }

  private static func row(
    _ node: YAMLNode, _ reader: ConfigurationReader, _ unknown: inout Set<String>
  ) throws(ConfigurationError) -> ReportRow {
    var fields: [String: ReportRow.Cell] = [:]
    for (name, value) in try reader.members(node, of: "a report") {
      guard ReportRow.known.contains(name) else {
        unknown.insert(name)
        continue
      }
      guard let scalar = value.scalar else { throw reader.fail(value, "\(name) must be a text or a number") }
      let isNull = scalar.isPlain && scalar.text == "null"
      if !isNull, !scalar.text.isEmpty {
        fields[name] = .init(text: scalar.text, line: value.place.line)
      }
    }
    let written = fields.mapValues(\.text)
    return ReportRow(
      file: reader.file, line: node.place.line, fields: fields, raw: (try? canonicalJSON(written)) ?? [])
  }
}
