import CasusEvents
import CasusSensor
import YAML

/// Reads reports from JSON: one object, a list of objects, or `{"reports": [...]}`. Names are the columns of the CSV.
enum JSONReports {
  static func read(_ bytes: [UInt8], file: String) -> ReportFile {
    var result = ReportFile()
    do {
      // JSON is YAML, and a YAML reader knows the line of everything; but only JSON may pass here.
      _ = try JSONTree(parsing: bytes)
      guard var node = try YAMLNode.parse(bytes) else { return result }
      if let list = node["reports"] { node = list }
      for node in node.sequence ?? [node] {
        do throws(ReportProblem) {
          result.rows.append(try row(node, file, &result.unknownNames))
        } catch {
          result.problems.append(error)
        }
      }
    } catch let error as JSONTreeError {
      let line = bytes.prefix(error.offset).count { $0 == 0x0A } + 1
      result.problems.append(ReportProblem(file: file, line: line, message: "not JSON: \(error.message)"))
    } catch let error as YAMLError {
      result.problems.append(ReportProblem(file: file, line: error.place?.line ?? 1, message: error.message))
    } catch {
      result.problems.append(ReportProblem(file: file, line: 1, message: "\(error)"))
    }
    return result
  }

  private static func row(
    _ node: YAMLNode, _ file: String, _ unknown: inout Set<String>
  ) throws(ReportProblem) -> ReportRow {
    var fields: [String: ReportRow.Cell] = [:]
    guard let members = node.mapping else {
      throw ReportProblem(file: file, line: node.place.line, message: "a report must be a mapping")
    }
    for (name, value) in members.map({ ($0.name, $0.value) }) {
      guard ReportRow.known.contains(name) else {
        unknown.insert(name)
        continue
      }
      guard let scalar = value.scalar else {
        throw ReportProblem(file: file, line: value.place.line, message: "\(name) must be a text or a number")
      }
      let isNull = scalar.isPlain && scalar.text == "null"
      if !isNull, !scalar.text.isEmpty {
        fields[name] = .init(text: scalar.text, line: value.place.line)
      }
    }
    let written = fields.mapValues(\.text)
    return ReportRow(
      file: file, line: node.place.line, fields: fields, raw: (try? canonicalJSON(written)) ?? [])
  }
}
