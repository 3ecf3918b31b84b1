import CasusEvents
import IJSON

/// Reads reports from JSON: one object, a list of objects, or `{"reports": [...]}`. Names are the columns of the CSV.
enum JSONReports {
  static func read(_ bytes: [UInt8], file: String) -> ReportFile {
    var result = ReportFile()
    let parser = JSONParser(limits: .lenient(maxBytes: max(1, bytes.count)))
    do throws(JSONError) {
      let root = try parser.parse(bytes)
      let lines = parser.lines()
      let list = root["reports"] ?? root
      for report in list.kind == .array ? Array(list.elements.prefix(ReportFile.mostReports + 1)) : [list] {
        do throws(ReportProblem) {
          result.rows.append(try row(report, lines, file, &result.unknownNames))
        } catch {
          result.problems.append(error)
        }
      }
    } catch {
      let line = bytes.prefix(error.offset ?? 0).count { $0 == 0x0A } + 1
      result.problems.append(ReportProblem(file: file, line: line, message: "not JSON: \(error.message)"))
    }
    return result
  }

  private static func row(
    _ report: JSONValue, _ lines: JSONLines, _ file: String, _ unknown: inout Set<String>
  ) throws(ReportProblem) -> ReportRow {
    guard report.kind == .object else {
      throw ReportProblem(file: file, line: lines[report], message: "a report must be an object")
    }
    var fields: [String: ReportRow.Cell] = [:]
    for member in report.members {
      let name = String(decoding: member.name, as: UTF8.self)
      guard ReportRow.known.contains(name) else {
        unknown.insert(name)
        continue
      }
      if member.value.isNull { continue }
      guard let text = member.value.text else {
        throw ReportProblem(
          file: file, line: lines[member.value], message: "\(name) must be a text or a number")
      }
      // Of two with one name the first counts.
      if !text.isEmpty, fields[name] == nil { fields[name] = .init(text: text, line: lines[member.value]) }
    }
    let written = fields.mapValues(\.text)
    return ReportRow(file: file, line: lines[report], fields: fields, raw: (try? canonicalJSON(written)) ?? [])
  }
}
